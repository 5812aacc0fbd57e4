package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Sends invalid requests. Each gets an error object, and the function keeps running. */
@ExtendWith(SharedDeployment.class)
final class BadInputIT {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"]}";

    private final LocalDeployment service;

    BadInputIT(LocalDeployment service) {
        this.service = service;
    }

    static Stream<Arguments> invalidRequests() {
        return Stream.of(
                Arguments.of("", 400, "InvalidJson"),
                Arguments.of("not json", 400, "InvalidJson"),
                Arguments.of("[1,2]", 400, "InvalidJson"),
                Arguments.of("{\"task\":\"price\"} {}", 400, "InvalidJson"),
                Arguments.of("{\"task\":\"price\",\"task\":\"launch\"}", 400, "InvalidJson"),
                Arguments.of("[".repeat(5_000), 400, "InvalidJson"),
                Arguments.of("{}", 400, "MissingField"),
                Arguments.of("{\"task\":null}", 400, "MissingField"),
                Arguments.of("{\"task\":7}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"prices\"}", 400, "UnknownTask"),
                Arguments.of("{\"task\":\"price\",\"tpyes\":[\"m7g.large\"]}", 400, "UnknownField"),
                Arguments.of("{\"task\":\"price\",\"types\":42}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"types\":[]}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"types\":{\"m7g.large\":1}}", 400, "InvalidValue"),
                Arguments.of(
                        "{\"task\":\"price\",\"types\":[\"m7g.large\"],\"type\":\"m6g.large\"}", 400, "InvalidRequest"),
                Arguments.of("{\"task\":\"price\",\"dryRun\":\"perhaps\"}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"products\":[\"linux\"]}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"zones\":[\"us-east-1a\"]}", 400, "InvalidRequest"),
                Arguments.of("{\"task\":\"price\",\"region\":\"evil.example.com\"}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"region\":\"127.0.0.1:80/\"}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"region\":\"us-west-2@evil\"}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"region\":\"ap-south-1\"}", 403, "RegionNotAllowed"),
                Arguments.of("{\"task\":\"price\",\"mfaCode\":\"12345\"}", 400, "InvalidValue"),
                Arguments.of("{\"construct\":[],\"attributes\":{\"task\":\"price\"}}", 400, "InvalidRequest"),
                Arguments.of(
                        "{\"construct\":{\"keys\":{\"accessKeyId\":\"AKIA\"}},\"attributes\":{\"task\":\"price\"}}",
                        400,
                        "UnknownField"),
                Arguments.of("{\"attributes\":{\"task\":\"price\"},\"more\":1}", 400, "UnknownField"),
                Arguments.of(
                        "{\"construct\":{\"keys\":{\"region\":\"us-west-2\"}},\"attributes\":{\"task\":\"price\",\"region\":\"us-east-1\"}}",
                        400,
                        "InvalidRequest"),
                Arguments.of("{\"task\":\"price\",\"limit\":1e999999999}", 400, "InvalidValue"),
                Arguments.of("{\"task\":\"price\",\"limit\":1e99999999999}", 400, "InvalidJson"),
                Arguments.of("{\"task\":\"history\"}", 400, "MissingField"),
                Arguments.of(
                        RequestBody.to("history").with("types", "m7g.large").with("last", "91d"), 400, "InvalidValue"),
                Arguments.of(
                        RequestBody.to("history")
                                .with("types", "m7g.large")
                                .with("from", "+1000000000-12-31T23:59:59Z"),
                        400,
                        "InvalidRequest"),
                Arguments.of(RequestBody.to("score").with("types", "m7g.large"), 400, "TooFewTypes"),
                Arguments.of("{\"task\":\"score\",\"vcpu\":1e-999999999,\"memoryGiB\":\"9-1\"}", 400, "InvalidValue"),
                Arguments.of(RequestBody.to("requests").with("types", "m7g.large"), 400, "UnknownField"),
                Arguments.of(
                        RequestBody.to("instances").with("region", List.of("us-west-2", "../")), 400, "InvalidValue"),
                Arguments.of(RequestBody.to("launch").with("dryRun", false), 400, "MissingField"),
                Arguments.of(RequestBody.launch("z9.nano"), 400, "UnknownType"),
                Arguments.of(RequestBody.launch("m7g.large").with("count", -1), 400, "InvalidValue"),
                Arguments.of(RequestBody.launch("m7g.large").with("tags", Map.of("aws:x", "y")), 400, "InvalidValue"),
                Arguments.of(RequestBody.launch("m7g.large").with("userData", "#".repeat(16_385)), 400, "InvalidValue"),
                Arguments.of(
                        RequestBody.launch("m7g.large").with("ami", "resolve:ssm:/aws/service/../secret\n"),
                        400,
                        "InvalidValue"),
                Arguments.of("{\"task\":\"launch\",\"keyName\":\"\\ud800\\u0000\"}", 400, "MissingField"),
                Arguments.of(
                        RequestBody.launch("m7g.large")
                                .with("launchSpecification", Map.of("NetworkInterfaces", List.of())),
                        400,
                        "UnknownField"),
                Arguments.of(
                        RequestBody.launch("m7g.large")
                                .with("launchSpecification", Map.of("BlockDeviceMappings", List.of(List.of()))),
                        400,
                        "InvalidRequest"),
                Arguments.of(RequestBody.to("extend").with("instanceIds", "i-00000000"), 400, "MissingField"),
                Arguments.of(
                        RequestBody.to("extend")
                                .with("instanceIds", "i-00000000")
                                .with("lease", "P365D"),
                        403,
                        "LeaseNotAllowed"),
                Arguments.of(RequestBody.to("cancel").with("spotInstanceRequestIds", List.of()), 400, "InvalidValue"),
                Arguments.of(RequestBody.to("terminate").with("instanceIds", "i-0' OR '1'='1"), 400, "InvalidValue"),
                Arguments.of(RequestBody.to("end"), 400, "MissingField"),
                Arguments.of(
                        RequestBody.to("end").with("all", true).with("instanceIds", "i-00000000"),
                        400,
                        "InvalidRequest"),
                Arguments.of(RequestBody.to("check").with("dryRun", false), 400, "UnknownField"),
                Arguments.of(RequestBody.to("status").with("regions", "all"), 400, "UnknownField"),
                Arguments.of(RequestBody.to("status").with("durationSeconds", 899), 400, "InvalidValue"),
                Arguments.of(RequestBody.to("instances").with("waitRunning", true), 400, "UnknownField"),
                Arguments.of(RequestBody.to("cost").with("from", "2026-03-01T00:00:00Z"), 400, "UnknownField"),
                Arguments.of(RequestBody.launch("m7g.large").with("waitRunning", "soon"), 400, "InvalidValue"),
                Arguments.of(
                        "{\"task\":\"price\",\"types\":[\"" + "m".repeat(65 * 1024) + "\"]}", 413, "BodyTooLarge"));
    }

    @ParameterizedTest
    @MethodSource("invalidRequests")
    void rejectsInvalidRequest(Object body, int status, String reason) throws Exception {
        SpotUrl.Answer answer = service.send(body.toString());

        assertEquals(status, answer.status(), answer.text());
        assertEquals(reason, answer.error());
        assertEquals(status, answer.json().path("code").asInt());
        assertFalse(answer.json().path("details").asText().isBlank());
        assertFalse(answer.json().path("requestId").asText().isBlank());
    }

    @Test
    void namesRejectedAndAllowedRegions() throws Exception {
        SpotUrl.Answer answer = service.url().post("{\"task\":\"price\",\"region\":\"ap-south-1\"}", service.caller());

        String details = answer.json().path("details").asText();
        assertTrue(details.contains("ap-south-1"), details);
        LocalDeployment.REGIONS.forEach(region -> assertTrue(details.contains(region), details));
    }

    @Test
    void rejectsOtherMethodOrPath() throws Exception {
        AwsCredentialsIdentity caller = AwsCredentialsIdentity.create(
                service.caller().id(), service.caller().secret());

        assertEquals(
                "MethodNotAllowed",
                service.url().send("PUT", "", "{\"task\":\"price\"}", caller).error());
        assertEquals(
                "NotFound",
                service.url()
                        .send("POST", "admin", "{\"task\":\"price\"}", caller)
                        .error());
    }

    @Test
    void processSurvivesInvalidRequests() throws Exception {
        service.url().post(PRICE, service.caller());
        int started = service.cloud().state().host().started();
        int launched = service.instanceStore().all().size();

        for (Arguments one : invalidRequests().toList()) {
            service.send(one.get()[0].toString());
        }

        assertEquals(200, service.url().post(PRICE, service.caller()).status());
        assertEquals(started, service.cloud().state().host().started());
        assertEquals(launched, service.instanceStore().all().size());
    }
}
