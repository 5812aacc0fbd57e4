package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.iam.Identities.Session;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.LambdaException;

/** Tests the rights of callers and of the operator. */
@ExtendWith(SharedDeployment.class)
final class AccessIT {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"]}";

    private final LocalDeployment service;
    /** The expected number of invocations so far. */
    private int invocations;

    AccessIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void countInvocations() {
        invocations = service.cloud().state().host().invocations();
    }

    @AfterEach
    void checkInvocations() {
        assertEquals(
                invocations,
                service.cloud().state().host().invocations(),
                "rejected requests must not reach the function");
    }

    @Test
    void rejectsUnsignedRequest() throws Exception {
        assertEquals(403, service.url().unsigned(PRICE, List.of()).status());
    }

    @Test
    void rejectsWrongSecretKey() throws Exception {
        AccessKey wrong = new AccessKey(service.caller().id(), "not-the-secret", "caller", true);

        assertEquals(403, service.url().post(PRICE, wrong).status());
    }

    @Test
    void rejectsSignatureForOtherService() throws Exception {
        assertEquals(
                403,
                service.url()
                        .signedFor("execute-api")
                        .post(PRICE, service.caller())
                        .status());
    }

    @Test
    void rejectsUnknownAccessKey() throws Exception {
        AccessKey unknown =
                new AccessKey("AKIA" + "A".repeat(16), service.caller().secret(), "caller", true);

        assertEquals(403, service.url().post(PRICE, unknown).status());
    }

    @Test
    void rejectsSignatureFromOtherTime() throws Exception {
        Instant now = service.cloud().state().clock().instant();
        for (Duration off : List.of(Duration.ofMinutes(-16), Duration.ofMinutes(16), Duration.ofDays(-7))) {
            SpotUrl.Answer answer = service.url().signedAt(now.plus(off)).post(PRICE, service.caller());

            assertEquals(403, answer.status(), off.toString());
        }
    }

    @Test
    void logsRoleSessionAsCaller() throws Exception {
        Session session = session(service.callerRoleArn());

        SpotUrl.Answer answer = service.url().send("POST", "", PRICE, signer(session, session.token()));

        assertEquals(200, answer.status(), answer.text());
        assertTrue(
                service.cloud().state().logs().lines().stream()
                        .anyMatch(line -> line.contains(
                                "\"caller\":\"" + session.principal().arn() + "\"")),
                "the log must name the session as the caller");
        invocations++;
    }

    @Test
    void rejectsSessionWithoutItsToken() throws Exception {
        Session session = session(service.callerRoleArn());
        Session other = session(service.callerRoleArn());

        assertEquals(
                403,
                service.url()
                        .send(
                                "POST",
                                "",
                                PRICE,
                                AwsCredentialsIdentity.create(session.accessKeyId(), session.secretAccessKey()))
                        .status());
        assertEquals(
                403,
                service.url()
                        .send("POST", "", PRICE, signer(session, other.token()))
                        .status());
    }

    @Test
    void rejectsSignatureForOtherRegion() throws Exception {
        SpotUrl elsewhere = new SpotUrl(service.output("Spotspec", "Url"), "eu-west-1");

        assertEquals(403, elsewhere.post(PRICE, service.caller()).status());
    }

    @Test
    void rejectsPrincipalWithoutGrant() throws Exception {
        service.cloud().state().identities().createUser("stranger");
        AccessKey stranger = service.cloud().state().identities().createAccessKey("stranger");

        assertEquals(403, service.url().post(PRICE, stranger).status());
    }

    @Test
    void rejectsTamperedBody() throws Exception {
        // The signature covers a different body.
        assertEquals(
                403,
                service.url()
                        .sendTampered(
                                "{\"task\":\"price\"}",
                                PRICE,
                                AwsCredentialsIdentity.create(
                                        service.caller().id(), service.caller().secret()))
                        .status());
    }

    @Test
    void callerCannotInvokeFunctionDirectly() {
        try (LambdaClient lambda = service.client(LambdaClient.builder(), LocalDeployment.HOME, service.caller())
                .build()) {
            for (String qualifier : List.of("live", "$LATEST", "1")) {
                LambdaException error = assertThrows(
                        LambdaException.class,
                        () -> lambda.invoke(request -> request.functionName(service.output("Spotspec", "FunctionName"))
                                .qualifier(qualifier)
                                .payload(SdkBytes.fromUtf8String("{}"))));
                assertEquals(403, error.statusCode(), qualifier);
            }
        }
    }

    /** The threat model documents this: a direct event looks the same to the function as an event from the URL. */
    @Test
    void directInvokerCanClaimAnyCaller() {
        String forged = "arn:aws:iam::111122223333:user/somebody-else";
        try (LambdaClient lambda = service.client(
                        LambdaClient.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            String answer = lambda.invoke(request -> request.functionName(service.output("Spotspec", "FunctionName"))
                            .qualifier("live")
                            .payload(SdkBytes.fromUtf8String(event(forged))))
                    .payload()
                    .asUtf8String();

            assertTrue(answer.contains("\"statusCode\":200"), answer);
        }
        service.awaitLogged("\"caller\":\"" + forged + "\"");
        invocations++;
    }

    private static String event(String caller) {
        return "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{},\"requestContext\":{\"http\":{\"method\":\"POST\","
                + "\"path\":\"/\"},\"authorizer\":{\"iam\":{\"userArn\":\"" + caller + "\"}}},\"body\":\""
                + PRICE.replace("\"", "\\\"") + "\",\"isBase64Encoded\":false}";
    }

    @Test
    void iamLimitsOperatorToAllowedRegions() {
        AccessKey operator = operator();
        try (Ec2Client allowed = service.client(Ec2Client.builder(), "us-east-1", operator)
                        .build();
                Ec2Client other = service.client(Ec2Client.builder(), "ap-south-1", operator)
                        .build()) {
            assertTrue(allowed.describeSpotPriceHistory(request -> request.maxResults(5))
                    .hasSpotPriceHistory());

            Ec2Exception error = assertThrows(
                    Ec2Exception.class, () -> other.describeSpotPriceHistory(request -> request.maxResults(5)));
            assertEquals("UnauthorizedOperation", error.awsErrorDetails().errorCode());
        }
    }

    @Test
    void iamRequiresTlsFromOperator() {
        try (Ec2Client plain = service.client(Ec2Client.builder(), "us-east-1", operator())
                .endpointOverride(URI.create(service.cloud().url()))
                .build()) {
            Ec2Exception error = assertThrows(
                    Ec2Exception.class, () -> plain.describeSpotPriceHistory(request -> request.maxResults(5)));
            assertEquals("UnauthorizedOperation", error.awsErrorDetails().errorCode());
        }
    }

    @Test
    void operatorCannotInvokeFunction() {
        try (LambdaClient lambda = service.client(LambdaClient.builder(), LocalDeployment.HOME, operator())
                .build()) {
            LambdaException error = assertThrows(
                    LambdaException.class,
                    () -> lambda.invoke(request -> request.functionName(service.output("Spotspec", "FunctionName"))
                            .qualifier("live")));
            assertEquals(403, error.statusCode());
        }
    }

    /** Opens a session of a role, as the administrator. */
    private Session session(String roleArn) {
        Identities identities = service.cloud().state().identities();
        return identities.assumeRole(
                roleArn,
                "build-7",
                Duration.ofHours(1),
                identities.principal(service.cloud().admin().id()),
                null,
                Map.of());
    }

    private static AwsCredentialsIdentity signer(Session session, String token) {
        return AwsSessionCredentialsIdentity.create(session.accessKeyId(), session.secretAccessKey(), token);
    }

    private AccessKey operator() {
        return OperatorSecretFormat.parse(service.secret());
    }
}
