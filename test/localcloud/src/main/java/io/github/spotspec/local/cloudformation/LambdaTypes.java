package io.github.spotspec.local.cloudformation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.FunctionUrl;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.wire.AwsError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The resource types of AWS::Lambda. */
final class LambdaTypes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_ENVIRONMENT = 4_096;
    private static final int LONGEST_DESCRIPTION = 256;

    private final Functions functions;
    private final LambdaHost host;
    private final String account;
    private final S3Objects objects;
    private final FunctionUrl.Opener opener;
    private final Map<String, FunctionUrl> urls = new ConcurrentHashMap<>();

    /** The current properties of each function, and the properties of each published version by number. */
    private final Map<String, Properties> configured = new ConcurrentHashMap<>();

    private final Map<String, NavigableMap<Integer, Properties>> published = new ConcurrentHashMap<>();

    LambdaTypes(Functions functions, LambdaHost host, String account, S3Objects objects, FunctionUrl.Opener opener) {
        this.functions = functions;
        this.host = host;
        this.account = account;
        this.objects = objects;
        this.opener = opener;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::Lambda::Function", new Function(),
                "AWS::Lambda::Version", new Version(),
                "AWS::Lambda::Alias", new Alias(),
                "AWS::Lambda::Url", new Url(),
                "AWS::Lambda::Permission", new Permission());
    }

    void close() {
        urls.values().forEach(FunctionUrl::close);
    }

    /** Splits a function's name or ARN, with or without a qualifier. */
    private String[] function(String region, String given) {
        if (!given.startsWith("arn:")) {
            return new String[] {"arn:aws:lambda:" + region + ":" + account + ":function:" + given, Functions.LATEST};
        }
        String[] parts = given.split(":");
        return parts.length == 8
                ? new String[] {given.substring(0, given.lastIndexOf(':')), parts[7]}
                : new String[] {given, Functions.LATEST};
    }

    private final class Function implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of(
                    "Architectures",
                    "Code",
                    "Description",
                    "Environment",
                    "FunctionName",
                    "Handler",
                    "LoggingConfig",
                    "MemorySize",
                    "ReservedConcurrentExecutions",
                    "Role",
                    "Runtime",
                    "SnapStart",
                    "Timeout");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("FunctionName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("FunctionName", wanted.name());
            String arn = "arn:aws:lambda:" + wanted.region() + ":" + account + ":function:" + name;
            functions.put(configuration(name, arn, wanted));
            configured.put(arn, versioned(wanted.properties()));
            try {
                reserve(arn, wanted);
            } catch (AwsError e) {
                functions.delete(arn);
                throw e;
            }
            return PhysicalResource.of(name, "Arn", arn);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            String arn = String.valueOf(made.attributes().get("Arn"));
            Functions.Version old = functions.version(arn, Functions.LATEST);
            functions.put(configuration(made.id(), arn, wanted));
            // Last, so that no invocation can start an environment of the old version again.
            host.retire(old);
            configured.put(arn, versioned(wanted.properties()));
            reserve(arn, wanted);
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            String arn = String.valueOf(made.attributes().get("Arn"));
            Functions.Version old = functions.version(arn, Functions.LATEST);
            host.concurrency().reserve(arn, OptionalInt.empty());
            functions.delete(arn);
            host.retire(old);
            configured.remove(arn);
            published.remove(arn);
        }

        /** Returns the properties that also belong to a version. */
        private static Properties versioned(Properties properties) {
            Map<String, Object> values = new TreeMap<>(properties.values());
            values.remove("ReservedConcurrentExecutions");
            return new Properties(values);
        }

        /**
         * Sets a function's reserved concurrency. It belongs to the function and not to a version, so changing it needs
         * no new version.
         */
        private void reserve(String arn, ResourceSpec wanted) {
            int executions = wanted.properties().whole("ReservedConcurrentExecutions", -1);
            host.concurrency().reserve(arn, executions < 0 ? OptionalInt.empty() : OptionalInt.of(executions));
        }

        private Functions.Configuration configuration(String name, String arn, ResourceSpec wanted) {
            Properties properties = wanted.properties();
            Properties code = properties.object("Code", Set.of("S3Bucket", "S3Key"));
            String runtime = properties.required("Runtime");
            if (!List.of("java21", "java25").contains(runtime)) {
                throw AwsError.unknown("the runtime " + runtime);
            }
            Map<String, String> environment = new Properties(Template.object(properties
                            .object("Environment", Set.of("Variables"))
                            .any("Variables")))
                    .texts();
            limit(environment);
            String snapStart = properties.object("SnapStart", Set.of("ApplyOn")).text("ApplyOn", "None");
            return new Functions.Configuration(
                    arn,
                    new Functions.Code(
                            runtime,
                            properties.required("Handler"),
                            objects.get(code.required("S3Bucket"), code.required("S3Key"))),
                    properties.whole("MemorySize", 128),
                    Duration.ofSeconds(properties.whole("Timeout", 3)),
                    environment,
                    properties.required("Role"),
                    snapStart.equals("PublishedVersions"),
                    properties.object("LoggingConfig", Set.of("LogGroup")).text("LogGroup", "/aws/lambda/" + name));
        }
    }

    /**
     * Checks the size of the environment variables. Lambda's own error shows what it measures: the JSON of all
     * variables.
     */
    private static void limit(Map<String, String> environment) {
        String measured = JSON.valueToTree(environment).toString();
        if (measured.getBytes(StandardCharsets.UTF_8).length > LARGEST_ENVIRONMENT) {
            throw new AwsError(
                    400,
                    "InvalidParameterValueException",
                    "Lambda was unable to configure your environment variables because the environment variables you"
                            + " have provided exceeded the 4KB limit. String measured: " + measured);
        }
    }

    private final class Version implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("FunctionName", "Description");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String arn = function(wanted.region(), wanted.properties().required("FunctionName"))[0];
            rejectLongDescription(wanted.properties().text("Description", ""));
            NavigableMap<Integer, Properties> versions =
                    published.computeIfAbsent(arn, absent -> new ConcurrentSkipListMap<>());
            Properties latest = java.util.Objects.requireNonNull(configured.get(arn), arn);
            rejectUnchanged(latest, versions.lastEntry());
            Functions.Version version = functions.publish(arn);
            try {
                host.publish(version);
            } catch (AwsError e) {
                functions.deleteVersion(arn, version.number());
                throw e;
            }
            versions.put(Integer.valueOf(version.number()), latest);
            return PhysicalResource.of(version.arn(), "Version", version.number(), "FunctionArn", version.arn());
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            String[] function = function("", made.id());
            Functions.Version old = functions.version(function[0], function[1]);
            functions.deleteVersion(function[0], function[1]);
            host.retire(old);
            published.getOrDefault(function[0], new ConcurrentSkipListMap<>()).remove(Integer.valueOf(function[1]));
        }

        private static void rejectLongDescription(String description) {
            if (description.length() > LONGEST_DESCRIPTION) {
                throw new AwsError(
                        400,
                        "ValidationException",
                        "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must"
                                + " have length less than or equal to 256");
            }
        }

        /**
         * Rejects a new version if the function has not changed since the version before (Lambda API reference,
         * "PublishVersion"), whatever its description.
         */
        private static void rejectUnchanged(Properties latest, Map.@Nullable Entry<Integer, Properties> before) {
            if (before != null && before.getValue().equals(latest)) {
                throw new AwsError(
                        400,
                        "AlreadyExists",
                        "A version for this Lambda function exists ( " + before.getKey()
                                + " ). Modify the function to create a new version.");
            }
        }
    }

    private final class Alias implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("FunctionName", "FunctionVersion", "Name", "Description");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("FunctionName", "Name");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String arn = function(wanted.region(), wanted.properties().required("FunctionName"))[0];
            String alias = wanted.properties().required("Name");
            functions.putAlias(arn, alias, wanted.properties().required("FunctionVersion"));
            return PhysicalResource.of(arn + ":" + alias, "AliasArn", arn + ":" + alias);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            return create(wanted);
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            String[] function = function("", made.id());
            functions.deleteAlias(function[0], function[1]);
        }
    }

    private final class Url implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("AuthType", "Qualifier", "TargetFunctionArn");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("Qualifier", "TargetFunctionArn");
        }

        private static FunctionUrl.AuthType authType(Properties properties) {
            return switch (properties.required("AuthType")) {
                case "AWS_IAM" -> FunctionUrl.AuthType.AWS_IAM;
                case "NONE" -> FunctionUrl.AuthType.NONE;
                case String other -> throw AwsError.unknown("URLs with AuthType " + other);
            };
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            Properties properties = wanted.properties();
            String arn = function(wanted.region(), properties.required("TargetFunctionArn"))[0];
            String qualifier = properties.text("Qualifier", Functions.LATEST);
            try {
                FunctionUrl url = opener.open(arn, qualifier, authType(properties));
                String id = arn + ":" + qualifier;
                urls.put(id, url);
                return PhysicalResource.of(id, "FunctionUrl", url.url(), "FunctionArn", id);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Changes the authentication type. The URL stays the same. */
        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            java.util.Objects.requireNonNull(urls.get(made.id()), made.id()).authType(authType(wanted.properties()));
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            FunctionUrl url = urls.remove(made.id());
            if (url != null) {
                url.close();
            }
        }
    }

    private final class Permission implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of(
                    "Action",
                    "FunctionName",
                    "FunctionUrlAuthType",
                    "InvokedViaFunctionUrl",
                    "Principal",
                    "SourceArn",
                    "SourceAccount");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            Properties properties = wanted.properties();
            String[] function = function(wanted.region(), properties.required("FunctionName"));
            functions.addPermission(function[0], function[1], wanted.name(), statement(properties));
            return PhysicalResource.of(wanted.name(), "Id", wanted.name());
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            String[] function = function("", properties.required("FunctionName"));
            functions.removePermission(function[0], made.id());
        }

        /** Returns the statement that Lambda's AddPermission would add. */
        private static PolicyDocument statement(Properties properties) {
            String principal = properties.required("Principal");
            Map<String, Object> conditions = new LinkedHashMap<>();
            Map<String, Object> equal = new LinkedHashMap<>();
            if (properties.any("FunctionUrlAuthType") != null) {
                equal.put("lambda:FunctionUrlAuthType", properties.required("FunctionUrlAuthType"));
            }
            if (properties.any("SourceAccount") != null) {
                equal.put("aws:SourceAccount", properties.required("SourceAccount"));
            }
            if (!equal.isEmpty()) {
                conditions.put("StringEquals", equal);
            }
            if (properties.any("InvokedViaFunctionUrl") != null) {
                conditions.put(
                        "Bool", Map.of("lambda:InvokedViaFunctionUrl", properties.required("InvokedViaFunctionUrl")));
            }
            if (properties.any("SourceArn") != null) {
                conditions.put("ArnLike", Map.of("aws:SourceArn", properties.required("SourceArn")));
            }
            Object who = principal.endsWith(".amazonaws.com") ? Map.of("Service", principal) : Map.of("AWS", principal);
            Map<String, Object> statement = new LinkedHashMap<>();
            statement.put("Effect", "Allow");
            statement.put("Principal", who);
            statement.put("Action", properties.required("Action"));
            statement.put("Condition", conditions);
            return PolicyDocument.parse(Map.of("Version", "2012-10-17", "Statement", List.of(statement)));
        }
    }
}
