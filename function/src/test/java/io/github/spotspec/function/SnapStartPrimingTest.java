package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.priming.SnapStartPriming;
import io.github.spotspec.function.priming.StubAws;
import io.github.spotspec.function.task.Task;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** Tests what runs before a SnapStart snapshot. */
final class SnapStartPrimingTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsEveryTaskSuccessfully(boolean bearsTokens) throws Exception {
        Map<String, String> answers;
        Set<URI> endpoints;
        try (StubAws aws = new StubAws("eu-west-1")) {
            answers = SpotHandler.priming(Region.EU_WEST_1, bearsTokens, System.out)
                    .runTasks(aws);
            endpoints = aws.endpoints();
        }

        assertEquals(
                new FunctionUnderTest("us-west-2")
                        .tasks().stream().map(Task::name).collect(Collectors.toSet()),
                SnapStartPriming.tasks());
        assertTrue(answers.keySet().containsAll(SnapStartPriming.tasks()), answers.keySet()::toString);
        answers.forEach((what, answer) -> {
            FunctionUnderTest.Answer http = FunctionUnderTest.answer(answer);
            assertEquals(200, http.status(), what + ": " + answer);
            if ("application/json".equals(http.headers().get("content-type"))) {
                assertFalse(
                        http.data().isEmpty(), what + " returned no rows, so that their code is not primed: " + answer);
            } else {
                assertTrue(http.body().contains("ON-DEMAND"), http.body());
            }
        });
        assertTrue(
                endpoints.stream().allMatch(endpoint -> endpoint.getScheme().equals("https")),
                "priming uses the scheme of real requests");
    }

    @ParameterizedTest
    @CsvSource({
        "us-west-2, amazonaws.com",
        "us-gov-west-1, amazonaws.com",
        "cn-north-1, amazonaws.com.cn",
        "eusc-de-east-1, amazonaws.eu",
        "us-iso-east-1, c2s.ic.gov"
    })
    void usesHostsOfThePartition(String region, String domain) throws Exception {
        Set<String> hosts;
        try (StubAws aws = new StubAws(region)) {
            Map<String, String> answers =
                    SpotHandler.priming(Region.of(region), false, System.out).runTasks(aws);
            assertTrue(answers.containsKey("launch"));
            hosts = aws.endpoints().stream().map(URI::getHost).collect(Collectors.toSet());
        }

        assertTrue(
                hosts.containsAll(Stream.of("ec2", "ssm", "sts", "secretsmanager")
                        .map(service -> service + "." + region + "." + domain)
                        .toList()),
                hosts::toString);
    }

    @Test
    void servesRoleCredentialsFromLoopbackDuringPriming() throws Exception {
        try (StubAws aws = new StubAws("eu-west-1")) {
            assertEquals(
                    "ASIAPRIMING",
                    ContainerCredentialsProvider.create().resolveCredentials().accessKeyId());
            assertEquals(Set.of(), aws.endpoints());
        }

        assertNull(System.getProperty("aws.containerCredentialsFullUri"));
    }
}
