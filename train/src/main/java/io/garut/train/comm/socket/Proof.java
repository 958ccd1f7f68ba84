package io.garut.train.comm.socket;

import io.garut.train.comm.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Both sides prove that they have the token, before anything else is said or read. The side that was called sends 32
 * random bytes; the caller answers with 32 of its own and an HMAC over both; only then does the other prove itself. A
 * caller without the token has learnt random bytes, and cost those it sent.
 */
final class Proof {
  private static final int NONCE = 32;
  private static final int SIGNATURE = 32;
  private static final byte[] CALLER = "garut rank that calls".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CALLED = "garut rank that is called".getBytes(StandardCharsets.US_ASCII);

  private Proof() {}

  /** The side that calls. */
  static void calling(Conversation conversation, Token token) throws IOException {
    byte[] theirs = conversation.receive(NONCE);
    byte[] ours = nonce();
    conversation.send(ours);
    conversation.send(token.sign(CALLER, theirs, ours));
    check(conversation.receive(SIGNATURE), token.sign(CALLED, theirs, ours));
  }

  /** The side that is called. */
  static void called(Conversation conversation, Token token) throws IOException {
    byte[] ours = nonce();
    conversation.send(ours);
    byte[] answer = conversation.receive(NONCE + SIGNATURE);
    byte[] theirs = Arrays.copyOf(answer, NONCE);
    check(Arrays.copyOfRange(answer, NONCE, answer.length), token.sign(CALLER, ours, theirs));
    conversation.send(token.sign(CALLED, ours, theirs));
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    new SecureRandom().nextBytes(nonce);
    return nonce;
  }

  private static void check(byte[] signature, byte[] expected) throws IOException {
    if (!MessageDigest.isEqual(signature, expected)) { // takes as long wherever they differ
      throw new IOException("the other side has another token");
    }
  }
}
