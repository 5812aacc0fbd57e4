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
        private Version(String value) {
            this(UUID.randomUUID().toString(), value);
        }
    }

    /** A secret, its current version (AWSCURRENT) and the one before, if there was one (AWSPREVIOUS). */
    public record Secret(
            String arn,
            String name,
            Version current,
            @Nullable Version previous) {}

    private final Map<String, Secret> secrets = new TreeMap<>();

    /** Makes a secret. */
    public synchronized void create(String arn, String name, String value) {
        secrets.put(arn, new Secret(arn, name, new Version(value), null));
    }

    /** Gives a secret a new current version; the one that was becomes the one before. */
    public synchronized Secret put(String arn, String value) {
        Secret secret = find(arn, "");
        Secret changed = new Secret(secret.arn(), secret.name(), new Version(value), secret.current());
        secrets.put(secret.arn(), changed);
        return changed;
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
