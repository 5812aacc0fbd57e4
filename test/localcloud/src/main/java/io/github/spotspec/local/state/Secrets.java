package io.github.spotspec.local.state;

import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The secrets of every region, by ARN, with their versions and version stages. Thread-safe. */
public final class Secrets {
    public static final String CURRENT = "AWSCURRENT";
    public static final String PREVIOUS = "AWSPREVIOUS";
    public static final String PENDING = "AWSPENDING";

    /**
     * One version of a secret.
     *
     * @param value the secret value; empty if a rotation has not set it yet
     */
    public record Version(String id, String value, Set<String> stages) {
        public Version {
            stages = Set.copyOf(stages);
        }

        private Version with(String stage) {
            Set<String> more = new HashSet<>(stages);
            more.add(stage);
            return new Version(id, value, more);
        }

        private Version without(String stage) {
            Set<String> fewer = new HashSet<>(stages);
            fewer.remove(stage);
            return new Version(id, value, fewer);
        }
    }

    /**
     * A secret. Versions without a stage are kept, because AWS keeps them for at least a day and no other version can
     * use their ids.
     */
    public record Secret(String arn, String name, List<Version> versions) {
        public Secret {
            versions = List.copyOf(versions);
        }

        /** Returns the version with a stage. */
        public Optional<Version> at(String stage) {
            return versions.stream()
                    .filter(version -> version.stages().contains(stage))
                    .findFirst();
        }

        public Optional<Version> version(String id) {
            return versions.stream().filter(version -> version.id().equals(id)).findFirst();
        }

        public Version current() {
            return at(CURRENT).orElseThrow();
        }
    }

    private final Map<String, Secret> secrets = new TreeMap<>();
    private boolean currentFollowsLabels;

    /**
     * Switches a fault on or off: a new version with other stages also becomes the current one. AWS has no such fault.
     */
    public synchronized void moveCurrentWithOtherStages(boolean on) {
        currentFollowsLabels = on;
    }

    /** Creates a secret. */
    public synchronized void create(String arn, String name, String value) {
        Version first = new Version(UUID.randomUUID().toString(), value, Set.of(CURRENT));
        secrets.put(arn, new Secret(arn, name, List.of(first)));
    }

    /** Adds a new current version to a secret. The current version becomes the previous one. */
    public Version put(String arn, String value) {
        return put(arn, UUID.randomUUID().toString(), value, List.of(CURRENT));
    }

    /**
     * Adds a version with a value and stages, or sets the value and stages of a version that has no value yet. If the
     * version already has another value, it keeps that value and the call fails. The same value again changes nothing
     * (Secrets Manager API reference, "PutSecretValue").
     */
    public synchronized Version put(String arn, String id, String value, List<String> stages) {
        Secret secret = find(arn, "");
        Version before = secret.version(id).orElse(new Version(id, "", Set.of()));
        if (before.value().equals(value)) {
            return before;
        }
        if (!before.value().isEmpty()) {
            throw new AwsError(
                    400,
                    "ResourceExistsException",
                    "You tried to create a new version of a secret with a ClientRequestToken of a version that has"
                            + " another value.");
        }
        putVersion(secret, new Version(id, value, before.stages()));
        stages.forEach(stage -> move(arn, stage, id));
        if (currentFollowsLabels) {
            move(arn, CURRENT, id);
        }
        return find(arn, "").version(id).orElseThrow();
    }

    /** Adds a version without a value, which a rotation will set. */
    public synchronized void await(String arn, String id) {
        putVersion(find(arn, ""), new Version(id, "", Set.of()));
        move(arn, PENDING, id);
    }

    /**
     * Moves a stage.
     *
     * @param to the version that gets the stage, or null to remove the stage from every version
     */
    public synchronized void move(String arn, String stage, @Nullable String to) {
        Secret secret = find(arn, "");
        if (to != null && secret.version(to).isEmpty()) {
            throw new AwsError(
                    400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret version: " + to);
        }
        String left = secret.at(stage).map(Version::id).orElse("");
        boolean successor = stage.equals(CURRENT) && !left.equals(to);
        List<Version> changed = new ArrayList<>();
        for (Version version : secret.versions()) {
            Version now = version.id().equals(to) ? version.with(stage) : version.without(stage);
            if (successor) {
                now = version.id().equals(left) ? now.with(PREVIOUS) : now.without(PREVIOUS);
            }
            changed.add(now);
        }
        secrets.put(arn, new Secret(arn, secret.name(), changed));
    }

    public synchronized void delete(String arn) {
        secrets.remove(arn);
    }

    /** Returns a secret by its ARN, with or without the six characters at the end, or by its name in a region. */
    public synchronized Secret find(String id, String region) {
        Secret byArn = secrets.get(id);
        return byArn != null
                ? byArn
                : secrets.values().stream()
                        .filter(secret -> secret.arn().matches(java.util.regex.Pattern.quote(id) + "-[A-Za-z0-9]{6}")
                                || (secret.name().equals(id)
                                        && secret.arn().startsWith("arn:aws:secretsmanager:" + region + ":")))
                        .findFirst()
                        .orElseThrow(() -> new AwsError(
                                400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."));
    }

    /** Returns the ARNs of all secrets. */
    public synchronized List<String> arns() {
        return List.copyOf(secrets.keySet());
    }

    private void putVersion(Secret secret, Version version) {
        List<Version> versions = new ArrayList<>(secret.versions());
        versions.removeIf(other -> other.id().equals(version.id()));
        versions.add(version);
        secrets.put(secret.arn(), new Secret(secret.arn(), secret.name(), versions));
    }
}
