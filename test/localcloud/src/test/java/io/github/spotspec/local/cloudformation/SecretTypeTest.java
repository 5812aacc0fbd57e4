package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.cloudformation.ResourceType.PhysicalResource;
import io.github.spotspec.local.cloudformation.ResourceType.ResourceSpec;
import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests secrets in templates, with given and generated values. */
final class SecretTypeTest {
    private final Secrets secrets = new Secrets();
    private final ResourceType type = Objects.requireNonNull(new OtherTypes(
                    secrets,
                    new Rotations(
                            secrets,
                            new Functions(),
                            (version, event) -> new LambdaHost.Result(new byte[0], ""),
                            "111122223333"),
                    new Logs(),
                    "111122223333")
            .all()
            .get("AWS::SecretsManager::Secret"));

    private static ResourceSpec spec(String name, Map<String, Object> properties) {
        return new ResourceSpec("us-west-2", "app-" + name, name, new Properties(properties));
    }

    private static Map<String, Object> generated(Object... how) {
        return Map.of(
                "GenerateSecretString",
                how.length == 0 ? Map.of() : Map.of("PasswordLength", how[0], "ExcludePunctuation", how[1]));
    }

    private String value(PhysicalResource made) {
        return secrets.find(made.id(), "").current().value();
    }

    @Test
    void generatesUniqueSecretOfRequestedLength() {
        String one = value(type.create(spec("OneAbcdef", generated(64, true))));
        String another = value(type.create(spec("TwoAbcdef", generated(64, true))));

        assertTrue(one.matches("[A-Za-z0-9]{64}"), one);
        assertNotEquals(one, another);
        assertEquals(32, value(type.create(spec("ThreeAbcdef", generated()))).length());
    }

    @Test
    void namesUnsupportedGeneratorOption() {
        AwsError error = assertThrows(
                AwsError.class,
                () -> type.create(
                        spec("OneAbcdef", Map.of("GenerateSecretString", Map.of("SecretStringTemplate", "{}")))));

        assertTrue(error.message().contains("SecretStringTemplate"), error.message());
    }

    @Test
    void rewritesValueOnlyIfTemplateChanged() {
        ResourceSpec first = spec("OneAbcdef", generated(64, true));
        PhysicalResource made = type.create(first);
        secrets.put(made.id(), "put by hand");

        type.update(made, spec("OneAbcdef", generated(64, true)), first.properties());
        assertEquals("put by hand", value(made));

        type.update(made, spec("OneAbcdef", generated(40, true)), first.properties());
        assertEquals(40, value(made).length());
    }
}
