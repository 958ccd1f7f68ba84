package io.garut.train.data;

import java.util.Locale;
import java.util.Objects;

/**
 * What one side of a conversation says.
 *
 * @param content not empty
 */
public record Message(Role role, String content) {
  /** Who speaks. */
  public enum Role {
    /** Sets the scene, before all others. */
    SYSTEM,
    /** Asks. */
    USER,
    /** Answers; this is what a model learns. */
    ASSISTANT;

    /** The name in records: {@code system}, {@code user} or {@code assistant}. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the content. */
  public Message {
    Objects.requireNonNull(role, "role");
    if (content.isEmpty()) {
      throw new IllegalArgumentException("the " + role.id() + "'s message is empty");
    }
  }
}
