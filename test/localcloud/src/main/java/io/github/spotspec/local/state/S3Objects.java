package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The buckets and objects in S3. Each region has a bucket that {@code cdk bootstrap} made. Thread-safe. */
public final class S3Objects {
    private static final String BOOTSTRAP = "cdk-hnb659fds-assets-";

    private final Map<String, Map<String, String>> buckets = new ConcurrentHashMap<>();
    private final Map<String, String> regions = new ConcurrentHashMap<>();
    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();

    public void put(String bucket, String key, byte[] content) {
        objects.put(bucket + "/" + key, content);
    }

    /** Creates a bucket without tags, which is in every region. */
    public void createBucket(String bucket) {
        if (buckets.putIfAbsent(bucket, Map.of()) != null) {
            throw new AwsError(409, "BucketAlreadyOwnedByYou", "You already own the bucket " + bucket + ".");
        }
    }

    /** Creates a bucket without tags in a region. */
    public void createBucket(String bucket, String region) {
        createBucket(bucket);
        regions.put(bucket, region);
    }

    /** Returns the region of a bucket, or null if it is in all of them. */
    public @Nullable String region(String bucket) {
        requireBucket(bucket);
        return regions.get(bucket);
    }

    /** Replaces the tags of a bucket. */
    public void tagBucket(String bucket, Map<String, String> tags) {
        requireBucket(bucket);
        buckets.put(bucket, Map.copyOf(tags));
    }

    /** Returns the tags of each bucket that was created here. */
    public Map<String, Map<String, String>> buckets() {
        return Map.copyOf(buckets);
    }

    /** Checks that a bucket exists. */
    public void requireBucket(String bucket) {
        if (!bucket.startsWith(BOOTSTRAP) && !buckets.containsKey(bucket)) {
            throw new AwsError(404, "NoSuchBucket", "The specified bucket does not exist: " + bucket);
        }
    }

    /** Deletes an empty bucket. */
    public void deleteBucket(String bucket) {
        requireBucket(bucket);
        if (!keys(bucket, "").isEmpty()) {
            throw new AwsError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty: " + bucket);
        }
        buckets.remove(bucket);
        regions.remove(bucket);
    }

    /** Deletes an object if it exists. */
    public void delete(String bucket, String key) {
        objects.remove(bucket + "/" + key);
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
