package io.github.spotspec.infra;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.assertions.Template;

/** A synthesized stack, read by meaning. */
final class Synthesis {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Template template;
    private final Map<String, Object> json;

    private Synthesis(Template template) {
        this.template = template;
        this.json = template.toJSON();
    }

    /** One statement of a policy. */
    record Statement(String effect, List<String> actions, List<Object> resources, Map<?, ?> conditions) {}

    /** Synthesizes a stack of whatever is put into it, in an app with these feature flags. */
    static Synthesis of(Map<String, Object> flags, Consumer<Stack> content) {
        App app = new App(
                AppProps.builder().context(flags).analyticsReporting(false).build());
        Stack stack = new Stack(app, "Test");
        content.accept(stack);
        return new Synthesis(Template.fromStack(stack));
    }

    /** Returns the flags that this project's own app has: those that the CDK recommends. */
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

    Template template() {
        return template;
    }

    /** Returns the whole template as one text. */
    String text() {
        try {
            return JSON.writeValueAsString(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the logical ids of all resources and their types. */
    Map<String, String> types() {
        Map<String, String> types = new java.util.TreeMap<>();
        section("Resources")
                .forEach((id, resource) -> types.put((String) id, (String) ((Map<?, ?>) resource).get("Type")));
        return types;
    }

    /** Returns the properties of the only resource of a type. */
    Map<?, ?> only(String type) {
        List<Map<?, ?>> all = all(type);
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " resources of " + type);
        }
        return all.get(0);
    }

    /** Returns the properties of all resources of a type. */
    List<Map<?, ?>> all(String type) {
        List<Map<?, ?>> found = new ArrayList<>();
        section("Resources").values().stream()
                .map(resource -> (Map<?, ?>) resource)
                .filter(resource -> type.equals(resource.get("Type")))
                .forEach(resource -> found.add(map(resource.get("Properties"))));
        return found;
    }

    /** Returns the statements of a policy resource. */
    static List<Statement> statements(Map<?, ?> properties) {
        List<Statement> statements = new ArrayList<>();
        for (Object statement : list(map(properties.get("PolicyDocument")).get("Statement"))) {
            Map<?, ?> map = map(statement);
            statements.add(new Statement(
                    (String) Objects.requireNonNull(map.get("Effect")),
                    list(map.get("Action")).stream().map(String.class::cast).toList(),
                    list(map.get("Resource")),
                    map(map.get("Condition"))));
        }
        return statements;
    }

    static Map<?, ?> map(@Nullable Object value) {
        return value == null ? Map.of() : (Map<?, ?>) value;
    }

    private Map<?, ?> section(String name) {
        return map(json.get(name));
    }

    private static List<Object> list(@Nullable Object value) {
        return value == null ? List.of() : value instanceof List<?> list ? List.copyOf(list) : List.of(value);
    }
}
