package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The secrets of every region, by ARN. Thread-safe. */
public final class Secrets {
    /** One version of a secret. */
    public record Version(String id, String value) {
        Version(String value) {
            this(UUID.randomUUID().toString(), value);
        }
    }

    /**
     * A secret, its current version (AWSCURRENT) and the one before, if there was one (AWSPREVIOUS).
     *
     * @param labelled the versions that carry other labels, by label
     */
    public record Secret(
            String arn,
            String name,
            Version current,
            @Nullable Version previous,
            Map<String, Version> labelled) {
        public Secret {
            labelled = Map.copyOf(labelled);
        }
    }

    private final Map<String, Secret> secrets = new TreeMap<>();

    /** All that ever carried a label, by the secret's ARN and their own ids, which no other version can have. */
    private final Map<String, Version> labelledVersions = new TreeMap<>();

    /** Makes a secret. */
    public synchronized void create(String arn, String name, String value) {
        secrets.put(arn, new Secret(arn, name, new Version(value), null, Map.of()));
    }

    /** Gives a secret a new current version; the one that was becomes the one before. */
    public synchronized Secret put(String arn, String value) {
        Secret secret = find(arn, "");
        Secret changed =
                new Secret(secret.arn(), secret.name(), new Version(value), secret.current(), secret.labelled());
        secrets.put(secret.arn(), changed);
        return changed;
    }

    /**
     * Gives a secret a version under a label of its own; the current one stays what it is. A version that is there already
     * stays as it is, and its value must be the same (Secrets Manager API reference, "PutSecretValue").
     */
    public synchronized Version putLabelled(String arn, String label, String id, String value) {
        Secret secret = find(arn, "");
        Version version = new Version(id, value);
        Version before = labelledVersions.putIfAbsent(arn + " " + id, version);
        if (before != null) {
            if (!before.equals(version)) {
                throw new AwsError(
                        400,
                        "ResourceExistsException",
                        "The operation failed because a version with the given ClientRequestToken already exists, with"
                                + " another value.");
            }
            return before;
        }
        Map<String, Version> labelled = new TreeMap<>(secret.labelled());
        labelled.put(label, version);
        secrets.put(arn, new Secret(secret.arn(), secret.name(), secret.current(), secret.previous(), labelled));
        return version;
    }

    public synchronized void delete(String arn) {
        secrets.remove(arn);
    }

    /** Returns a secret by its ARN, or by its name in a region. */
    public synchronized Secret find(String id, String region) {
        Secret byArn = secrets.get(id);
        return byArn != null
                ? byArn
                : secrets.values().stream()
                        .filter(secret -> secret.name().equals(id)
                                && secret.arn().startsWith("arn:aws:secretsmanager:" + region + ":"))
                        .findFirst()
                        .orElseThrow(() -> new AwsError(
                                400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."));
    }

    /** Returns the ARNs of all secrets. */
    public synchronized List<String> everything() {
        return List.copyOf(secrets.keySet());
    }
}
