package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that no value of any field makes the SDK call another host, because host names contain the region. */
final class HostsTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "eu-west-1");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "us-west-2.evil.example",
                "us-west-2.evil.example#",
                "us-west-2@evil.example",
                "@127.0.0.1:80",
                "us-west-2/../evil.example/",
                "us-west-2?x=",
                "us-west-2#",
                "us-west-2:80",
                "us-west-2\\@evil.example",
                "us-west-2%2eevil.example",
                "us-west-2\r\nhost: evil.example",
                "us-west-2\u0000.evil.example",
                "us-west-2\u3002evil.example",
                "us-west-2\uff0eevil.example",
                "\uff55s-west-2",
                "us\u2011west\u20112",
                "US-WEST-2",
                "us-west-2 ",
                "169.254.169.254",
                "resolve:ssm:/aws/service/@evil.example/x",
                "resolve:ssm:arn:aws:ssm:us-east-1:444455556666:parameter/x"
            })
    void connectsOnlyToAwsWhateverAFieldHolds(String value) {
        for (Task task : function.tasks()) {
            for (Field<?> field : task.fields()) {
                for (String name : field.names()) {
                    for (Object given : List.of(value, List.of(value))) {
                        Map<String, Object> body = new LinkedHashMap<>(
                                Map.of("task", task.name(), "types", List.of("m7g.large", "m6g.large", "c7g.large")));
                        body.put(name, given);
                        if (task.name().equals("launch") && !field.names().contains("ami")) {
                            body.put("ami", "ami-0123456789abcdef0");
                        }
                        function.post(Json.text(body));
                    }
                }
            }
        }

        assertEquals(List.of(), function.aws().foreignHosts());
        assertFalse(function.aws().calls().isEmpty(), "the requests reach AWS");
    }
}
