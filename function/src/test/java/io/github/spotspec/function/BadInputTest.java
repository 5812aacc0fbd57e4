package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

/** Checks that the answer to any request is documented. A failure shows the request, and the seed that repeats it. */
final class BadInputTest {
    /** More than a busy machine needs; a request that grows in the function takes minutes, or all memory. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final int COUNT = 1_000;

    private static final BadRequests REQUESTS = new BadRequests(function().tasks());

    private static final BadSpecifications SPECIFICATIONS = new BadSpecifications(function()::post);

    private static final List<String> SECRET_FIELDS = List.of(
            "{'task':'price','isLogging':true,'mfaCode':?}",
            "{'construct':{'upgrade':{'tokenCode':?}},'attributes':{'task':'price','isLogging':true}}",
            "{'task':'launch','types':'m7g.large','ami':'ami-0123456789abcdef0','isLogging':true,'userData':?}",
            "{'task':'launch','types':'m7g.large','ami':'ami-0123456789abcdef0','isLogging':true,'count':0,'UserData':?}",
            "{'task':'launch','types':'m7g.large','ami':'ami-0123456789abcdef0','launchSpecification':{'UserData':?}}");

    private static final List<String> SECRET_VALUES = List.of(
            "\"hush\"",
            "\"hush",
            "hush",
            "[\"hush\"]",
            "[\"hush\",\"hush\"]",
            "{\"hush\":1}",
            "{\"a\":\"hush\"}",
            "\"" + "hush".repeat(10_000) + "\"",
            "\"hush\",\"dryRun\":7",
            "\"hush\",\"userData\":\"hush\",\"mfaCode\":\"hush\"");

    private final FunctionUnderTest function = function();

    private static FunctionUnderTest function() {
        FunctionUnderTest function = FunctionUnderTest.with("'userData':['setup'],'allowOnDemand':true");
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.001")
                .price("us-west-2b", "c7g.large", "0.001")
                .type("m7g.large", 2, 8, "arm64")
                .type("c7g.large", 2, 4, "arm64")
                .subnet("subnet-0000000a", "us-west-2a")
                .score("us-west-2a", 7);
        return function;
    }

    @Test
    void acceptsTheValidRequestsThatOthersAreDerivedFrom() {
        for (String body : REQUESTS.valid()) {
            FunctionUnderTest.Answer answer = send(body);
            assertTrue(answer.status() == 200 || answer.error().equals("IdNotFound"), body);
        }
    }

    @Test
    void answersAnyValueOfAnyField() {
        for (String body : REQUESTS.oneBadValue()) {
            assertAll(body, () -> assertDocumented(send(body)));
        }
    }

    @Test
    void answersAnyCombinationOfFields() {
        RandomInputs.check(COUNT, REQUESTS::anyFields, body -> assertDocumented(send(body)));
    }

    @Test
    void answersTruncatedRequests() {
        RandomInputs.check(COUNT, REQUESTS::truncatedText, body -> assertDocumented(send(body)));
    }

    @Test
    void answersAnyContentOfTheEnvelope() {
        RandomInputs.check(COUNT, REQUESTS::brokenEnvelope, body -> assertDocumented(send(body)));
    }

    @Test
    void answersAnyContentOfTheLaunchSpecification() {
        RandomInputs.check(COUNT, SPECIFICATIONS::body, body -> assertDocumented(send(body)));
    }

    @Test
    void findsThePathsInsideTheLaunchSpecification() {
        List<String> paths = SPECIFICATIONS.paths();

        for (String path :
                List.of(".ami", ".Placement.zone", ".IamInstanceProfile.Arn", ".BlockDeviceMappings.Ebs.VolumeSize")) {
            assertTrue(paths.contains(path), paths.toString());
        }
    }

    @Test
    void answersAnyIdempotencyKeyHeader() {
        RandomInputs.check(200, random -> RandomInputs.text(300, random), key -> {
            String event = FunctionUnderTest.event(
                    "POST",
                    "/",
                    FunctionUnderTest.CALLER,
                    FunctionUnderTest.quoted("{'task':'launch','types':'m7g.large','ami':'ami-0123456789abcdef0'}"),
                    false,
                    Map.of("idempotency-key", key));

            assertDocumented(timed(() -> function.handle(event)));
        });
    }

    @Test
    void neitherReturnsNorLogsSecretValues() {
        for (String field : SECRET_FIELDS) {
            for (String value : SECRET_VALUES) {
                FunctionUnderTest.Answer answer =
                        send(FunctionUnderTest.quoted(field).replace("?", value));

                assertDocumented(answer);
                assertFalse(answer.body().contains("hush"), answer.body());
                assertFalse(function.log().contains("hush"), function.log());
            }
        }
    }

    private FunctionUnderTest.Answer send(String body) {
        // Instances of one request must not affect another.
        function.ec2().clear();
        return timed(() -> function.post(body));
    }

    private FunctionUnderTest.Answer timed(ThrowingSupplier<FunctionUnderTest.Answer> request) {
        function.clearLog();
        return assertTimeout(BOUND, request);
    }

    private void assertDocumented(FunctionUnderTest.Answer answer) {
        AnswerContract.check(answer, function.log());
    }
}
