package io.github.spotspec.local.lambda;

import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The functions of every region, with their versions, aliases and permissions. Thread-safe. */
public final class Functions {
    /** The unpublished version. */
    public static final String LATEST = "$LATEST";

    /** The configuration of a function. */
    public record Configuration(
            String arn,
            Code code,
            int memoryMiB,
            Duration timeout,
            Map<String, String> environment,
            String roleArn,
            boolean snapStart,
            String logGroup) {
        public String region() {
            return arn.split(":", -1)[3];
        }

        public String name() {
            return arn.split(":", -1)[6];
        }
    }

    /** What a function runs. */
    public record Code(String runtime, String handler, byte[] zip) {}

    /** A configuration with a version number. */
    public record Version(Configuration configuration, String number) {
        /** Returns the ARN including the version. */
        public String arn() {
            return configuration.arn() + ":" + number;
        }

        /** Returns whether environments start from a snapshot. Those of unpublished versions never do. */
        public boolean snapStart() {
            return configuration.snapStart() && !number.equals(LATEST);
        }
    }

    /** One statement of a function's resource policy. */
    private record Permission(String qualifier, String id, PolicyDocument policy) {}

    private static final class Function {
        private Version latest;
        private final Map<String, Version> published = new TreeMap<>();
        private final Map<String, String> aliases = new TreeMap<>();
        private final List<Permission> permissions = new ArrayList<>();
        private int versions;

        private Function(Version latest) {
            this.latest = latest;
        }
    }

    private final Map<String, Function> functions = new TreeMap<>();

    /** Creates a function, or replaces the configuration of an existing one. */
    public synchronized void put(Configuration configuration) {
        Version latest = new Version(configuration, LATEST);
        Function function = functions.putIfAbsent(configuration.arn(), new Function(latest));
        if (function != null) {
            function.latest = latest;
        }
    }

    public synchronized void delete(String arn) {
        functions.remove(arn);
    }

    /** Publishes a version with the function's current configuration. */
    public synchronized Version publish(String arn) {
        Function function = find(arn);
        String number = Integer.toString(++function.versions);
        Version version = new Version(function.latest.configuration(), number);
        function.published.put(number, version);
        return version;
    }

    public synchronized void deleteVersion(String arn, String number) {
        Function function = functions.get(arn);
        if (function != null) {
            function.published.remove(number);
        }
    }

    public synchronized void putAlias(String arn, String alias, String number) {
        Function function = find(arn);
        if (!function.published.containsKey(number)) {
            throw notFound(arn + ":" + number);
        }
        function.aliases.put(alias, number);
    }

    public synchronized void deleteAlias(String arn, String alias) {
        Function function = functions.get(arn);
        if (function != null) {
            function.aliases.remove(alias);
        }
    }

    public synchronized void addPermission(String arn, String qualifier, String id, PolicyDocument policy) {
        find(arn).permissions.add(new Permission(qualifier, id, policy));
    }

    public synchronized void removePermission(String arn, String id) {
        Function function = functions.get(arn);
        if (function != null) {
            function.permissions.removeIf(permission -> permission.id().equals(id));
        }
    }

    /** Returns the resource policies of a function under a qualifier. */
    public synchronized List<PolicyDocument> policies(String arn, String qualifier) {
        return find(arn).permissions.stream()
                .filter(permission -> permission.qualifier().equals(qualifier))
                .map(Permission::policy)
                .toList();
    }

    /** Returns the version that a qualifier refers to: a number, an alias, or {@link #LATEST}. */
    public synchronized Version version(String arn, String qualifier) {
        Function function = find(arn);
        if (qualifier.equals(LATEST)) {
            return function.latest;
        }
        Version version = function.published.get(function.aliases.getOrDefault(qualifier, qualifier));
        if (version == null) {
            throw notFound(arn + ":" + qualifier);
        }
        return version;
    }

    /** Returns the version number that an alias points to, or null if the alias does not exist. */
    public synchronized @Nullable String alias(String arn, String alias) {
        return find(arn).aliases.get(alias);
    }

    /** Returns the ARNs of all functions. */
    public synchronized List<String> arns() {
        return List.copyOf(functions.keySet());
    }

    private Function find(String arn) {
        Function function = functions.get(arn);
        if (function == null) {
            throw notFound(arn);
        }
        return function;
    }

    private static AwsError notFound(String arn) {
        return new AwsError(404, "ResourceNotFoundException", "Function not found: " + arn);
    }
}
