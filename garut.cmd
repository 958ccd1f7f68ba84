@echo off
rem Runs the command garut from this folder; builds it first where it is missing or older than its sources.
rem UNTESTED: written after the shell script beside it, never yet run on Windows. GARUT_OPTS holds further options for the JVM.
rem A build replaces the jars of commands that are running: unlike the shell script, it has no folder for each build.
setlocal enableextensions
set "GARUT_HOME=%~dp0"
set "GARUT_HOME=%GARUT_HOME:~0,-1%"
set "GARUT_LIB=%GARUT_HOME%\cli\target\lib"
set "GARUT_JAR=%GARUT_LIB%\garut-cli.jar"
set "GARUT_LOG=%GARUT_HOME%\cli\target\build.log"

set "GARUT_JDK="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for /d %%v in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%USERPROFILE%\.jdks" "%USERPROFILE%\.sdkman\candidates\java") do (
  for /d %%j in ("%%~v\*") do call :consider "%%~j"
)
for /f "delims=" %%p in ('where java.exe 2^>nul') do call :consider "%%~dpp.."
if not defined GARUT_JDK (
  echo garut: no JDK 25 or later in JAVA_HOME or where JDKs are usually installed: install one, or set JAVA_HOME to its folder. 1>&2
  exit /b 69
)
set "JAVA_HOME=%GARUT_JDK%"

if not exist "%GARUT_JAR%" goto build
rem Whether any source is newer than the jar that is written last.
powershell -NoProfile -NonInteractive -Command ^
  "$t = (Get-Item -LiteralPath $env:GARUT_JAR).LastWriteTimeUtc;" ^
  "$n = Get-ChildItem -Path \"$env:GARUT_HOME\pom.xml\", \"$env:GARUT_HOME\*\pom.xml\", \"$env:GARUT_HOME\*\src\main\" -Recurse |" ^
  "  Where-Object { $_.LastWriteTimeUtc -gt $t -and $_.FullName -notlike '*\jmh\*' -and $_.FullName -notlike '*\train-spark\*' } | Select-Object -First 1;" ^
  "if ($n) { exit 1 }"
if not errorlevel 1 goto run

:build
where mvn >nul 2>nul
if errorlevel 1 (
  echo garut: Maven 3.8.7 or later is needed to build Garut once, and there is no mvn on the PATH: install it. 1>&2
  exit /b 69
)
if not exist "%GARUT_HOME%\cli\target" mkdir "%GARUT_HOME%\cli\target"
rem One build at a time: whoever can make this folder builds, the others wait until it is gone.
set "GARUT_LOCK=%GARUT_HOME%\cli\target\build.lock"
set "GARUT_WAITED="
:lock
mkdir "%GARUT_LOCK%" 2>nul
if not errorlevel 1 goto locked
if not defined GARUT_WAITED echo Another process is building Garut; waiting for it. If none is, delete %GARUT_LOCK% 1>&2
set "GARUT_WAITED=yes"
timeout /t 1 /nobreak >nul
goto lock
:locked
if not defined GARUT_WAITED goto maven
if not exist "%GARUT_JAR%" goto maven
rmdir "%GARUT_LOCK%"
goto run

:maven
echo Building Garut (once, about a minute)... 1>&2
rem Maven itself refuses to build with a version before 3.8.7.
call mvn -B -f "%GARUT_HOME%\pom.xml" -pl cli -am -Pquick -Dmaven.test.skip=true package >"%GARUT_LOG%" 2>&1 <nul
set "GARUT_STATUS=%ERRORLEVEL%"
rmdir "%GARUT_LOCK%"
if "%GARUT_STATUS%"=="0" goto run
findstr /b /c:"[ERROR]" "%GARUT_LOG%" 1>&2
echo garut: the build failed; the whole log is %GARUT_LOG% 1>&2
exit /b 70

:run
"%JAVA_HOME%\bin\java.exe" "-Dgarut.model=%GARUT_HOME%\models\lamb\lamb-q8_0.gguf" -XX:+UseSerialGC -Xms48m -XX:Tier3DelayOn=1000 "-XX:CompileCommandFile=%GARUT_HOME%\cli\src\main\jvm\compile-commands" --add-modules jdk.incubator.vector --enable-native-access=io.garut.tensor %GARUT_OPTS% --module-path "%GARUT_LIB%" --module io.garut.cli/io.garut.cli.Main %*
exit /b %ERRORLEVEL%

rem Takes the folder of a JDK if none is taken yet and its file "release" tells version 25 or later.
:consider
if defined GARUT_JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==" %%r in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  for /f "delims=.+-" %%m in ("%%~r") do if %%m geq 25 set "GARUT_JDK=%~1"
)
exit /b 0
