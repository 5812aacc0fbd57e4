package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.json.Json;
import io.github.spotspec.function.snapshot.CannedAws;
import io.github.spotspec.function.task.Task;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** What is rehearsed before a snapshot. */
final class RehearsalTest {
    @Test
    void everyTaskThatThereIsGoesWell() throws Exception {
        Map<String, String> answers;
        Set<URI> endpoints;
        try (CannedAws aws = new CannedAws("eu-west-1")) {
            answers = Rehearsal.carryOut(Region.EU_WEST_1, aws);
            endpoints = aws.endpoints();
        }

        assertEquals(
                new FunctionUnderTest("us-west-2")
                        .tasks().stream().map(Task::name).collect(Collectors.toSet()),
                answers.keySet());
        answers.forEach((task, answer) -> {
            Map<?, ?> http = (Map<?, ?>) Objects.requireNonNull(Json.parse(answer));
            assertEquals("200", String.valueOf(http.get("statusCode")), task + ": " + answer);
            Map<?, ?> body = (Map<?, ?>) Objects.requireNonNull(Json.parse(String.valueOf(http.get("body"))));
            assertTrue(
                    body.get("data") instanceof List<?> rows && !rows.isEmpty(),
                    task + " answered no rows, so that what makes them is not rehearsed: " + answer);
        });
        assertTrue(
                endpoints.stream().allMatch(endpoint -> endpoint.getScheme().equals("https")),
                "what is rehearsed must be what is done");
    }

    @Test
    void theRolesCredentialsComeFromTheLoopbackAsLongAsItIsRehearsed() throws Exception {
        try (CannedAws aws = new CannedAws("eu-west-1")) {
            assertEquals(
                    "ASIAREHEARSAL",
                    ContainerCredentialsProvider.create().resolveCredentials().accessKeyId());
            assertEquals(Set.of(), aws.endpoints());
        }

        assertNull(System.getProperty("aws.containerCredentialsFullUri"));
    }
}
