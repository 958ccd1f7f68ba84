package io.garut.cli;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.train.data.DataException;
import io.garut.train.data.reading.BadRecordException;
import io.garut.transformer.evaluation.RecordException;
import io.garut.transformer.tokenizer.TokenizerException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What exceptions about files mean: exit code and one line. */
final class FileErrors {
  private FileErrors() {}

  static ExitCode exitCode(IOException e) {
    Throwable cause = e instanceof CheckpointException && e.getCause() != null ? e.getCause() : e;
    if (e instanceof CheckpointWriteException) {
      boolean failed = cause instanceof IOException && !(cause instanceof FileSystemException) && cause != e;
      return failed ? ExitCode.IO : ExitCode.CANNOT_CREATE;
    }
    return switch (cause) {
      case NoSuchFileException _, AccessDeniedException _, NotDirectoryException _ -> ExitCode.NO_INPUT;
      case FileSystemException _ -> ExitCode.IO;
      case CheckpointException _, TokenizerException _, RecordException _, DataException _ -> ExitCode.DATA;
      case CharacterCodingException _ -> ExitCode.DATA;
      // what parsers throw is of other classes
      default -> cause.getClass() == IOException.class ? ExitCode.IO : ExitCode.DATA;
    };
  }

  static String message(IOException e) {
    String message =
        switch (e) {
          case NoSuchFileException missing -> missing.getFile() + ": there is no such file; check the path";
          case AccessDeniedException denied -> denied.getFile() + ": may not be read or written; check its permissions";
          case FileAlreadyExistsException there -> there.getFile() + ": is there already; --force overwrites it";
          case CheckpointException known -> known.getMessage();
          case TokenizerException known -> known.getMessage();
          case RecordException known -> known.getMessage();
          case BadRecordException bad when bad.canGoOn() ->
              bad.getMessage() + ", or leave such records out with --skip-bad";
          case DataException known -> known.getMessage();
          default -> Failure.oneLine(e) + "; check the disk";
        };
    return message.lines().findFirst().orElse(message);
  }
}
