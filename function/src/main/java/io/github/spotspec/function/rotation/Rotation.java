package io.github.spotspec.function.rotation;

import static io.github.spotspec.function.rotation.SecretVersions.CURRENT;
import static io.github.spotspec.function.rotation.SecretVersions.PENDING;

import io.github.spotspec.function.runtime.Deadline;
import java.util.List;
import java.util.Map;

/**
 * The rotation of one secret in the four steps of Secrets Manager (Secrets Manager user guide, "Lambda rotation functions").
 * Every step may come again, and one that comes too early is refused. What was in use before stays good: it goes with the
 * rotation after the next value's, not before. Thread-safe.
 */
final class Rotation {
    private final SecretVersions versions;
    private final SecretRotator material;

    Rotation(SecretVersions versions, SecretRotator material) {
        this.versions = versions;
        this.material = material;
    }

    /**
     * Carries a step out.
     *
     * @param version the id of the version that the rotation makes
     * @throws RotationException if it cannot be
     */
    void carryOut(String step, String version, Deadline deadline) {
        Map<String, List<String>> stages = versions.stages();
        List<String> own = stages.getOrDefault(version, List.of());
        if (own.contains(CURRENT)) {
            // All is done; to begin again would take away what was in use before, which may be used still.
            return;
        }
        if (!own.contains(PENDING)) {
            throw new RotationException("Version " + version + " is none that waits to be rotated to.");
        }
        switch (step) {
            case "createSecret" -> create(version);
            // The key is known to IAM since it was made.
            case "setSecret" -> made(version);
            case "testSecret" -> material.test(made(version), deadline);
            case "finishSecret" -> {
                material.test(made(version), deadline);
                versions.use(version, current(stages));
            }
            default -> throw new RotationException("Step " + step + " is none of Secrets Manager's four.");
        }
    }

    private void create(String version) {
        String pending = versions.pending(version);
        if (pending == null) {
            versions.put(version, material.create(versions.current()));
        } else if (!material.isUsable(pending)) {
            // A version cannot be given another value, and as long as it waits, no other rotation begins.
            versions.giveUp(version);
            throw new RotationException("What was made for version " + version + " is gone; rotate the secret again.");
        }
    }

    private String made(String version) {
        String pending = versions.pending(version);
        if (pending == null) {
            throw new RotationException("Version " + version + " has no value yet; createSecret comes first.");
        }
        return pending;
    }

    private static String current(Map<String, List<String>> stages) {
        return stages.entrySet().stream()
                .filter(entry -> entry.getValue().contains(CURRENT))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new RotationException("The secret has no current version."));
    }
}
