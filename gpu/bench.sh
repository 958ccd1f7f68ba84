#!/usr/bin/env bash
# Packs all that measures a GPU into one archive: a Java runtime, TornadoVM's SDK, Garut, its conformance suite. It runs on a
# machine that has a driver for the GPU and nothing else, without network:
#
#   TORNADOVM_HOME=… gpu/bench.sh garut-gpu.tar.xz
#   tar xf garut-gpu.tar.xz && garut-gpu/run.sh results.json [SHAPE[,SHAPE…] [TYPE[,TYPE…]]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
archive=${1:?name the archive to write, such as garut-gpu.tar.xz}
archive=$(realpath -m "$archive")
sdk=${TORNADOVM_HOME:?has to name an SDK of TornadoVM 5.2.0-jdk25 with the driver of the GPU}
if [ ! -f "$sdk/tornado-argfile" ]; then
  echo "$sdk holds no SDK of TornadoVM: there is no tornado-argfile" >&2
  exit 66
fi
jdk=${JAVA_HOME:?has to name a JDK 25}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/garut-gpu
mkdir -p "$root/sdk/share/java" "$root/tests"

mvn -B -q -Pquick -pl cli,backend-gpu -am -DskipTests -Dspotless.check.skip -Dgarut.lib="$root/lib" \
  -Dmdep.outputFile=target/test.classpath package dependency:build-classpath
tr : '\n' <backend-gpu/target/test.classpath | grep -v "^$PWD/" | grep -v "^$sdk/" | grep -v "jackson\|byte-buddy\|jqwik" | while read -r jar; do
  cp "$jar" "$root/tests/"
done
cp -r backend-gpu/target/classes "$root/tests/gpu"
cp -r backend-gpu/target/test-classes "$root/tests/gpu-tests"
cp -r tensor/target/test-classes "$root/tests/tensor-tests"

"$jdk/bin/jlink" --add-modules java.base,jdk.incubator.vector,jdk.internal.vm.ci,jdk.unsupported,java.logging,java.management,jdk.management,java.net.http,java.sql \
  --strip-debug --no-header-files --no-man-pages --compress zip-0 --output "$root/jre"
cp -r "$sdk/share/java/tornado" "$sdk/share/java/graalJars" "$root/sdk/share/java/"
cp -r "$sdk/lib" "$sdk/etc" "$root/sdk/"
sed "s|$sdk|@SDK@|g" "$sdk/tornado-argfile" >"$root/sdk/argfile.in"

cat >"$root/run.sh" <<'RUN'
#!/usr/bin/env bash
# run.sh RESULTS.json [SHAPES [TYPES]]: conformance, then speed; what is said goes to RESULTS.json.log.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
results=${1:?name the file of results}
shapes=${2:-160m,1.4b,6.9b}
types=${3:-F16,Q8_0}
export TORNADOVM_HOME=$here/sdk
sed "s|@SDK@|$here/sdk|g" "$here/sdk/argfile.in" >"$here/sdk/argfile"
flags=("@$here/sdk/argfile" -XX:-UseParallelGC -XX:+UseSerialGC -XX:Tier3DelayOn=1000
  -Dtornado.recover.bailout=false -Dtornado.max.events=512 -Dtornado.tvm.maxbytecodesize=65536
  -Dtornado.device.memory=512GB -Dtornado.opencl.compiler.flags=-w -Dtornado.cuda.host.pinning=false)
garut=("$here/jre/bin/java" "${flags[@]}" --add-modules jdk.incubator.vector,io.garut.gpu --enable-native-access=io.garut.tensor
  --module-path "$here/lib:$here/lib/gpu:$here/sdk/share/java/tornado" --module io.garut.cli/io.garut.cli.Main)
suite=("$here/jre/bin/java" "${flags[@]}" --enable-native-access=ALL-UNNAMED
  -cp "$here/tests/gpu:$here/tests/gpu-tests:$here/tests/tensor-tests:$here/tests/*:$here/lib/*" io.garut.gpu.DeviceSuite)
devices=$("${garut[@]}" devices 2>>"$results.log" | tr '\n"' ";'")
conformance=$("${suite[@]}" 2>>"$results.log" | tail -n 1)
bench=$("${garut[@]}" bench --device gpu --shape "$shapes" --dtype "$types" --json 2>>"$results.log")
printf '{"devices": "%s",\n"conformance": %s,\n"bench": %s}\n' "$devices" "${conformance:-null}" "${bench:-null}" >"$results"
cat "$results"
RUN
chmod +x "$root/run.sh"
tar -C "$work" -cJf "$archive" garut-gpu
echo "$archive: $(du -m "$archive" | cut -f 1) MiB"
