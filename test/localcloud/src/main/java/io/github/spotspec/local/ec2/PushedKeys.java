package io.github.spotspec.local.ec2;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The SSH public keys that EC2 Instance Connect holds in the metadata of an instance. The AuthorizedKeysCommand of the
 * instance's SSH server asks for them. Thread-safe.
 */
public final class PushedKeys {
    private static final Duration LIFE = Duration.ofSeconds(60);

    private final List<Key> keys = new ArrayList<>();

    private record Key(String osUser, String text, Instant until) {}

    PushedKeys() {}

    /** Adds a key for a user. */
    public synchronized void push(String osUser, String key, Instant now) {
        keys.add(new Key(osUser, key, now.plus(LIFE)));
    }

    /** Returns the keys of a user that have not expired. */
    public synchronized List<String> active(String osUser, Instant now) {
        keys.removeIf(key -> !now.isBefore(key.until()));
        return keys.stream()
                .filter(key -> key.osUser().equals(osUser))
                .map(Key::text)
                .toList();
    }
}
