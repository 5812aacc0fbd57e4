package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The secrets of every region, by ARN. Thread-safe. */
public final class Secrets {
    /** A secret, and its current version. */
    public record Secret(String arn, String name, String value, String versionId) {}

    private final Map<String, Secret> secrets = new TreeMap<>();

    /** Makes a secret. */
    public synchronized void create(String arn, String name, String value) {
        secrets.put(arn, new Secret(arn, name, value, UUID.randomUUID().toString()));
    }

    /** Gives a secret a new current version. */
    public synchronized Secret put(String arn, String value) {
        Secret secret = find(arn, "");
        Secret changed =
                new Secret(secret.arn(), secret.name(), value, UUID.randomUUID().toString());
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
