package io.github.spotspec.local.ec2;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The tags of a resource, both as they are and as EC2 shows them. EC2 shows a change after a delay. Thread-safe. */
final class TagSet {
    private final Map<String, String> tags;
    private Map<String, String> before = Map.of();
    private Instant shownFrom = Instant.MIN;

    TagSet(Map<String, String> tags) {
        this.tags = new ConcurrentSkipListMap<>(tags);
    }

    Map<String, String> all() {
        return tags;
    }

    synchronized Map<String, String> shown(Instant now) {
        return now.isBefore(shownFrom) ? before : tags;
    }

    synchronized void put(Map<String, String> more, Instant now, Instant shown) {
        before = Map.copyOf(shown(now));
        shownFrom = shown;
        tags.putAll(more);
    }

    synchronized void remove(Map<String, String> less, Instant now, Instant shown) {
        before = Map.copyOf(shown(now));
        shownFrom = shown;
        less.forEach(tags::remove);
    }
}
