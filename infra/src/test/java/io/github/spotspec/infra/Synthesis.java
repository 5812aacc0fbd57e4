package io.github.spotspec.infra;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.assertions.Template;

/** A synthesized stack, with its values resolved by {@link Intrinsics}. */
final class Synthesis {
    /** Shared by all apps, so that the functions' large package is staged only once. */
    static final Path OUTPUT = Path.of(System.getProperty("synthesis", "target/test-cdk.out"));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> json;

    private Synthesis(Map<String, Object> json) {
        this.json = json;
    }

    /** A resource of the template, with the properties as {@link Intrinsics} shows them. */
    record Resource(
            String id,
            String type,
            Map<?, ?> properties,
            @Nullable Object deletionPolicy) {
        /** Returns a property, which must exist. */
        Object get(String property) {
            return Objects.requireNonNull(properties.get(property), () -> property + " of " + this);
        }

        int number(String property) {
            return ((Number) get(property)).intValue();
        }
    }

    /** Creates an app with these feature flags. */
    static App app(Map<String, Object> flags) {
        return new App(AppProps.builder()
                .context(flags)
                .analyticsReporting(false)
                .outdir(OUTPUT.toString())
                .build());
    }

    /** Synthesizes a stack of an app. */
    static Synthesis of(Stack stack) {
        return new Synthesis(Template.fromStack(stack).toJSON());
    }

    /** Reads a template that another process has synthesized. */
    static Synthesis read(Path template) throws IOException {
        return new Synthesis(JSON.readValue(template.toFile(), new TypeReference<>() {}));
    }

    /** Synthesizes a stack with this content, in an app with these feature flags. */
    static Synthesis of(Map<String, Object> flags, Consumer<Stack> content) {
        Stack stack = new Stack(app(flags), "Test");
        content.accept(stack);
        return of(stack);
    }

    /** Synthesizes a stack with this content, in an app without feature flags. */
    static Synthesis of(Consumer<Stack> content) {
        return of(Map.of(), content);
    }

    /** Synthesizes a stack with one service, in an app without feature flags. */
    static Synthesis of(SpotServiceProps.Builder props) {
        return of(stack -> new SpotService(stack, "Spot", props.build()));
    }

    /** Returns the feature flags in this project's {@code cdk.json}, which are those that the CDK recommends. */
    static Map<String, Object> recommendedFlags() {
        try {
            Map<String, Object> cdkJson = JSON.readValue(Path.of("../cdk.json").toFile(), new TypeReference<>() {});
            Map<String, Object> flags = new LinkedHashMap<>();
            ((Map<?, ?>) Objects.requireNonNull(cdkJson.get("context")))
                    .forEach((key, value) -> flags.put((String) key, value));
            return flags;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the whole template as one text. */
    String text() {
        try {
            return JSON.writeValueAsString(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns "id type" of all resources except versions, whose ids contain a hash of their content. */
    List<String> logicalIds() {
        Map<String, String> types = new TreeMap<>();
        resources().forEach(resource -> types.put(resource.id(), resource.type()));
        return types.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .filter(entry -> !entry.contains("CurrentVersion"))
                .toList();
    }

    /** Returns the only resource of a type. */
    Resource only(String type) {
        return only(all(type).stream(), type);
    }

    /** Returns the only resource of a type whose id starts with a prefix. */
    Resource only(String type, String idPrefix) {
        return only(all(type).stream().filter(resource -> resource.id().startsWith(idPrefix)), type + " " + idPrefix);
    }

    List<Resource> all(String type) {
        return resources().filter(resource -> resource.type().equals(type)).toList();
    }

    /** Returns the inline policies of the role whose id starts with a prefix. */
    Policy policyOfRole(String idPrefix) {
        return Policy.of(all("AWS::IAM::Policy").stream()
                .filter(policy -> policy.get("Roles").toString().startsWith("[${" + idPrefix))
                .map(policy -> policy.get("PolicyDocument"))
                .toList());
    }

    /** Returns the operator's policies. */
    Policy operatorPolicy() {
        return Policy.of(all("AWS::IAM::ManagedPolicy").stream()
                .map(policy -> policy.get("PolicyDocument"))
                .toList());
    }

    /** Returns the settings of the function whose id starts with a prefix, resolved by {@link Intrinsics}. */
    Map<String, Object> settings(String functionIdPrefix) {
        Map<?, ?> environment =
                (Map<?, ?>) only("AWS::Lambda::Function", functionIdPrefix).get("Environment");
        Map<?, ?> variables = (Map<?, ?>) Objects.requireNonNull(environment.get("Variables"));
        if (!Set.of("JAVA_TOOL_OPTIONS", "SPOTSPEC_SETTINGS").containsAll(variables.keySet())) {
            throw new AssertionError(
                    "a function has no environment variables except its settings and the JVM's: " + variables.keySet());
        }
        try {
            return JSON.readValue((String) variables.get("SPOTSPEC_SETTINGS"), new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the ids in a resource's {@code DependsOn}. References are not included. */
    List<?> dependencies(String id) {
        Map<?, ?> resource =
                (Map<?, ?>) Objects.requireNonNull(section("Resources").get(id), id);
        return (List<?>) Objects.requireNonNull(resource.get("DependsOn"), () -> "dependencies of " + id);
    }

    /** Returns the template's parameter with a default value, and its {@code id}. */
    Map<String, Object> parameter(String defaultValue) {
        for (Map.Entry<?, ?> entry : section("Parameters").entrySet()) {
            Map<?, ?> parameter = (Map<?, ?>) entry.getValue();
            if (defaultValue.equals(parameter.get("Default"))) {
                return Map.of("id", entry.getKey(), "Type", Objects.requireNonNull(parameter.get("Type")));
            }
        }
        throw new AssertionError("no parameter has the default " + defaultValue);
    }

    /** Returns the names of the stack's outputs. */
    Set<?> outputs() {
        return section("Outputs").keySet();
    }

    /** Returns the value of an output. */
    Object output(String name) {
        Map<?, ?> output = (Map<?, ?>) Objects.requireNonNull(section("Outputs").get(name), name);
        return Objects.requireNonNull(Intrinsics.resolved(output).get("Value"));
    }

    /** Returns a section of the template. Empty sections are missing from the template. */
    private Map<?, ?> section(String name) {
        return (Map<?, ?>) json.getOrDefault(name, Map.of());
    }

    private Stream<Resource> resources() {
        return section("Resources").entrySet().stream().map(entry -> {
            Map<?, ?> resource = (Map<?, ?>) entry.getValue();
            Map<?, ?> properties = (Map<?, ?>) resource.get("Properties");
            return new Resource(
                    (String) entry.getKey(),
                    (String) Objects.requireNonNull(resource.get("Type")),
                    Intrinsics.resolved(properties == null ? Map.of() : properties),
                    resource.get("DeletionPolicy"));
        });
    }

    private static Resource only(Stream<Resource> resources, String what) {
        List<Resource> found = resources.toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " resources of " + what);
        }
        return found.get(0);
    }
}
