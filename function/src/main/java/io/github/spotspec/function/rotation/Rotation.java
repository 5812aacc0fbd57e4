package io.github.spotspec.function.rotation;

import static io.github.spotspec.function.rotation.SecretVersions.CURRENT;
import static io.github.spotspec.function.rotation.SecretVersions.PENDING;

import io.github.spotspec.function.runtime.Deadline;
import java.util.List;
import java.util.Map;

/**
 * Rotates one secret in Secrets Manager's four steps (Secrets Manager user guide, "Lambda rotation functions"). Each
 * step can be repeated, and a step that comes too early fails. The previous value stays valid until the next rotation.
 * Thread-safe.
 */
final class Rotation {
    private final SecretVersions versions;
    private final SecretRotator rotator;

    Rotation(SecretVersions versions, SecretRotator rotator) {
        this.versions = versions;
        this.rotator = rotator;
    }

    /**
     * Carries out a step.
     *
     * @param version the id of the version that the rotation creates
     * @throws RotationException if the step fails
     */
    void carryOut(String step, String version, Deadline deadline) {
        Map<String, List<String>> stages = versions.stages();
        List<String> own = stages.getOrDefault(version, List.of());
        if (own.contains(CURRENT)) {
            // The rotation is finished. Starting again would remove the previous value, which may still be in use.
            return;
        }
        if (!own.contains(PENDING)) {
            throw new RotationException("Version " + version + " does not have the version stage AWSPENDING.");
        }
        switch (step) {
            case "createSecret" -> create(version);
            // IAM has known the key since it was created.
            case "setSecret" -> pendingValue(version);
            case "testSecret" -> rotator.test(pendingValue(version), deadline);
            case "finishSecret" -> {
                rotator.test(pendingValue(version), deadline);
                versions.use(version, current(stages));
            }
            default -> throw new RotationException("Step " + step + " is not one of Secrets Manager's rotation steps.");
        }
    }

    private void create(String version) {
        String pending = versions.pending(version);
        if (pending == null) {
            versions.put(version, rotator.create(versions.current()));
        } else if (!rotator.isUsable(pending)) {
            // The value of a version cannot be changed, and no other rotation starts while the version is pending.
            versions.giveUp(version);
            throw new RotationException(
                    "The value of version " + version + " is no longer usable; rotate the secret again.");
        }
    }

    private String pendingValue(String version) {
        String pending = versions.pending(version);
        if (pending == null) {
            throw new RotationException("Version " + version + " has no value yet; createSecret must run first.");
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
