package io.github.spotspec.local.ec2;

import io.github.spotspec.local.wire.AwsError;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The launch templates of every region. A name is unique in its region. EC2 shows a new template after a delay, and
 * until then no action finds it. Thread-safe.
 */
public final class LaunchTemplates {
    /** The quota of a region (EC2 user guide, "Launch template restrictions"). */
    private static final int MAX_TEMPLATES = 5_000;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Visibility visibility;
    /** The templates by region and name. */
    private final Map<String, Map<String, LaunchTemplate>> templates = new TreeMap<>();

    private final Map<String, Token> tokens = new HashMap<>();

    /** The call for which a client token was used, without the token, and the template that it created. */
    private record Token(String fingerprint, LaunchTemplate created) {}

    public LaunchTemplates(InstantSource clock, RandomGenerator random, Visibility visibility) {
        this.clock = clock;
        this.random = random;
        this.visibility = visibility;
    }

    /**
     * Creates a launch template. A repeated call returns the template of the first, even if it was deleted since.
     *
     * @param fingerprint all parameters of the call except the client token
     */
    public synchronized LaunchTemplate create(
            String region,
            String name,
            String createdBy,
            Map<String, String> tags,
            Map<String, String> data,
            @Nullable String clientToken,
            String fingerprint) {
        Token before = clientToken == null ? null : tokens.get(region + " " + clientToken);
        if (before != null) {
            if (!before.fingerprint().equals(fingerprint)) {
                throw new AwsError(
                        400,
                        "IdempotentParameterMismatch",
                        "The client token you have provided has been used with a different set of parameters.");
            }
            return before.created();
        }
        Map<String, LaunchTemplate> inRegion = templates.computeIfAbsent(region, one -> new LinkedHashMap<>());
        if (inRegion.containsKey(name)) {
            throw new AwsError(
                    400, "InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
        }
        if (inRegion.size() >= MAX_TEMPLATES) {
            throw new AwsError(400, "MaxTemplateLimitExceeded", "Account has already reached max permitted templates");
        }
        Instant now = clock.instant();
        byte[] id = new byte[9];
        random.nextBytes(id);
        LaunchTemplate template = new LaunchTemplate(
                "lt-" + HexFormat.of().formatHex(id).substring(1),
                name,
                region,
                createdBy,
                now,
                now.plus(visibility.delay(region)),
                Map.copyOf(tags),
                Map.copyOf(data));
        inRegion.put(name, template);
        if (clientToken != null) {
            tokens.put(region + " " + clientToken, new Token(fingerprint, template));
        }
        return template;
    }

    /** Returns the template with an id or a name, of which exactly one must be given. */
    public synchronized LaunchTemplate get(String region, @Nullable String id, @Nullable String name) {
        if (id != null && name != null) {
            throw new AwsError(
                    400,
                    "InvalidParameterCombination",
                    "The launch template ID and the launch template name cannot both be specified.");
        }
        if (id == null && name == null) {
            throw new AwsError(
                    400,
                    "MissingParameter",
                    "Either a launch template ID or a launch template name must be specified.");
        }
        return list(region).stream()
                .filter(template -> template.id().equals(id) || template.name().equals(name))
                .findFirst()
                .orElseThrow(() -> id == null
                        ? new AwsError(
                                400,
                                "InvalidLaunchTemplateName.NotFoundException",
                                "The specified launch template, with template name " + name + ", does not exist.")
                        : new AwsError(
                                400,
                                "InvalidLaunchTemplateId.NotFound",
                                "The specified launch template, with template ID " + id + ", does not exist."));
    }

    /** Returns the templates of a region that EC2 shows, the oldest first. */
    public synchronized List<LaunchTemplate> list(String region) {
        Instant now = clock.instant();
        return templates.getOrDefault(region, Map.of()).values().stream()
                .filter(template -> !now.isBefore(template.visible()))
                .toList();
    }

    /** Returns all templates of all regions, including those that EC2 does not show yet. */
    public synchronized List<LaunchTemplate> all() {
        return templates.values().stream()
                .flatMap(inRegion -> inRegion.values().stream())
                .toList();
    }

    /** Deletes a template at once. */
    public synchronized void delete(LaunchTemplate template) {
        templates.getOrDefault(template.region(), Map.of()).remove(template.name(), template);
    }
}
