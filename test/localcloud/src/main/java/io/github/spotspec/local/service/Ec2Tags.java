package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the tags of EC2's requests and checks them against EC2's limits (EC2 user guide, "Tag your Amazon EC2
 * resources", "Tag restrictions"). A key has at most 128 characters and a value at most 256. Any characters are
 * allowed. A resource has at most 50 tags. A key must not occur twice, and must not begin with {@code aws:} in upper or
 * lower case.
 */
final class Ec2Tags {
    private static final Pattern METADATA_KEY = Pattern.compile("[0-9a-zA-Z\\-_+=,.@:]{1,255}");
    private static final Set<String> RESERVED_IN_METADATA = Set.of(".", "..", "_index");
    private static final int MAX_TAGS = 50;
    private static final int MAX_KEY_LENGTH = 128;
    private static final int MAX_VALUE_LENGTH = 256;

    private Ec2Tags() {}

    /**
     * Reads a list of tags.
     *
     * @param prefix the name of the list, such as {@code Tag} or {@code TagSpecification.1.Tag}
     */
    static Map<String, String> read(Params params, String prefix) {
        Map<String, String> tags = new TreeMap<>();
        for (int i = 1; i <= params.count(prefix); i++) {
            String key = params.required(prefix + "." + i + ".Key");
            String value = params.text(prefix + "." + i + ".Value", "");
            if (key.isEmpty()) {
                throw invalid("Tag key cannot be empty.");
            }
            if (length(key) > MAX_KEY_LENGTH) {
                throw invalid("Tag key exceeds the maximum length of " + MAX_KEY_LENGTH + " characters");
            }
            if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
                throw invalid("Tag keys starting with 'aws:' are reserved for internal use");
            }
            if (length(value) > MAX_VALUE_LENGTH) {
                throw invalid("Tag value exceeds the maximum length of " + MAX_VALUE_LENGTH + " characters");
            }
            if (tags.put(key, value) != null) {
                throw invalid("Duplicate tag key '" + key + "' specified.");
            }
        }
        checkCount(tags);
        return tags;
    }

    /** Reads the tags that a call gives to what it creates, by the type of resource. */
    static Map<String, Map<String, String>> readSpecifications(Params params) {
        Map<String, Map<String, String>> tags = new TreeMap<>();
        for (int i = 1; i <= params.count("TagSpecification"); i++) {
            String prefix = "TagSpecification." + i + ".";
            tags.put(params.required(prefix + "ResourceType"), read(params, prefix + "Tag"));
        }
        return tags;
    }

    /** Checks that tags may be added to a resource that has the existing tags. */
    static void checkCount(Map<String, String> existing, Map<String, String> added) {
        Map<String, String> all = new TreeMap<>(existing);
        all.putAll(added);
        checkCount(all);
    }

    /**
     * Checks that an instance may show tags in its metadata (EC2 user guide, "View tags for your EC2 instances using
     * instance metadata").
     */
    static void checkMetadataKeys(Map<String, String> tags) {
        for (String key : tags.keySet()) {
            if (!METADATA_KEY.matcher(key).matches() || RESERVED_IN_METADATA.contains(key)) {
                throw invalid("'" + key + "' is not a valid tag key. Tag keys must match pattern"
                        + " ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')");
            }
        }
    }

    private static void checkCount(Map<String, String> tags) {
        // AWS's own tags do not count.
        if (tags.keySet().stream().filter(key -> !key.startsWith("aws:")).count() > MAX_TAGS) {
            throw new AwsError(400, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static AwsError invalid(String message) {
        return new AwsError(400, "InvalidParameterValue", message);
    }
}
