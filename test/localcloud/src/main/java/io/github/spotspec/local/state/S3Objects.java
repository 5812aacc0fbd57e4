package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The objects in S3. Thread-safe. */
public final class S3Objects {
    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();

    public void put(String bucket, String key, byte[] content) {
        objects.put(bucket + "/" + key, content);
    }

    /** Returns an object, or null if it does not exist. */
    public byte @Nullable [] find(String bucket, String key) {
        return objects.get(bucket + "/" + key);
    }

    /** Returns an object, which must exist. */
    public byte[] get(String bucket, String key) {
        byte[] object = find(bucket, key);
        if (object == null) {
            throw new AwsError(404, "NoSuchKey", "The specified key does not exist: " + bucket + "/" + key);
        }
        return object;
    }

    /** Returns the keys that start with a prefix, in order. */
    public List<String> keys(String bucket, String prefix) {
        return objects.keySet().stream()
                .filter(name -> name.startsWith(bucket + "/" + prefix))
                .map(name -> name.substring(bucket.length() + 1))
                .sorted()
                .toList();
    }
}
