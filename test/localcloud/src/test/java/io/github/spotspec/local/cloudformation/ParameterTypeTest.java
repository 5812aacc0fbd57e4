package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.cloudformation.ResourceType.PhysicalResource;
import io.github.spotspec.local.cloudformation.ResourceType.ResourceSpec;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests parameters of Systems Manager in templates. */
final class ParameterTypeTest {
    private static final String NAME = "/team/spot";

    private final Parameters parameters = new Parameters(new Images(List.of("us-west-2", "eu-west-1")));
    private final ResourceType type = new ParameterType(parameters);

    private static ResourceSpec spec(String region, String name, String type, String value) {
        return new ResourceSpec(
                region, "app-P", "P", new Properties(Map.of("Name", name, "Type", type, "Value", value)));
    }

    @Test
    void parameterBelongsToOneRegion() {
        PhysicalResource made = type.create(spec("us-west-2", NAME, "StringList", "a,b"));

        assertEquals(NAME, made.id());
        assertEquals("a,b", made.attributes().get("Value"));
        assertEquals(new Parameters.Parameter("StringList", "a,b"), parameters.find("us-west-2", NAME));
        assertEquals(
                "ParameterNotFound",
                assertThrows(AwsError.class, () -> parameters.get("eu-west-1", NAME))
                        .code());
        type.create(spec("eu-west-1", NAME, "String", "c"));
        assertEquals("c", parameters.get("eu-west-1", NAME));

        ResourceSpec wanted = spec("us-west-2", NAME, "StringList", "d");
        type.delete(type.update(made, wanted, new Properties(Map.of())), wanted.properties());
        assertEquals(
                "ParameterNotFound",
                assertThrows(AwsError.class, () -> parameters.get("us-west-2", NAME))
                        .code());
        assertEquals("c", parameters.get("eu-west-1", NAME));
    }

    @Test
    void rejectsNameInUse() {
        type.create(spec("us-west-2", NAME, "String", "a"));

        assertEquals(
                "AlreadyExists",
                assertThrows(AwsError.class, () -> type.create(spec("us-west-2", NAME, "String", "b")))
                        .code());
        assertEquals("a", parameters.get("us-west-2", NAME));
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, String, v",
        "/aws/spot, String, v",
        "ssm-spot, String, v",
        "/a, String, {{b}}",
        "/a, SecureString, v",
        "'/a,b', String, v"
    })
    void rejectsWhatSystemsManagerDoesNotAllow(String name, String kind, String value) {
        assertThrows(AwsError.class, () -> type.create(spec("us-west-2", name, kind, value)));
        assertEquals(List.of(), parameters.ids());
    }
}
