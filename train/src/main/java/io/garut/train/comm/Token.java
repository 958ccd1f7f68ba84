package io.garut.train.comm;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that the ranks of a group share. It is never sent: each side of a connection proves that it has it by an
 * HMAC-SHA-256 (RFC 2104) over random numbers of both. It has to be hard to guess: what a stranger overhears lets him
 * try guesses elsewhere.
 */
public final class Token {
  private static final int SHORTEST = 16;
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  private Token(byte[] secret) {
    if (secret.length < SHORTEST) {
      throw new IllegalArgumentException(
          "a token of " + secret.length + " bytes; take " + SHORTEST + " random ones or more");
    }
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  /**
   * A token from bytes.
   *
   * @throws IllegalArgumentException if there are fewer than 16
   */
  public static Token of(byte[] secret) {
    return new Token(secret);
  }

  /** A token from a text, as from {@link #randomText}. */
  public static Token of(String text) {
    return new Token(text.strip().getBytes(StandardCharsets.UTF_8));
  }

  /** A fresh secret of 256 bits, to be handed to all ranks where others cannot see it. */
  public static String randomText() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  /** The HMAC-SHA-256 of {@code parts}, one after the other. */
  public byte[] sign(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Does not tell the secret. */
  @Override
  public String toString() {
    return "Token";
  }
}
