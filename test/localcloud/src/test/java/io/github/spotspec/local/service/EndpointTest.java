package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.SmallCloud.unsigned;
import static io.github.spotspec.local.service.SmallCloud.withoutTls;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.service.SmallCloud.Answer;
import io.github.spotspec.local.wire.SignedRequest;
import io.github.spotspec.local.wire.WireRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Tests signatures, protocols and permissions of the endpoint. */
final class EndpointTest {
    private static final String WHO = "Action=GetCallerIdentity&Version=2011-06-15";

    private final SmallCloud cloud = new SmallCloud();

    private static void assertAnswers(int status, String code, Answer answer) {
        assertEquals(code, answer.element("Code"));
        assertEquals(status, answer.status());
    }

    private static void assertMessage(String part, Answer answer) {
        assertTrue(answer.text().contains(part), answer.text());
    }

    @Test
    void callerIdentityNeedsNoPermission() {
        Answer answer = cloud.query("sts", "Action", "GetCallerIdentity", "Version", "2011-06-15");

        assertEquals(200, answer.status());
        assertEquals("arn:aws:iam::111122223333:user/ann", answer.element("Arn"));
        assertEquals("111122223333", answer.element("Account"));
        assertMessage("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">", answer);
        assertTrue(answer.element("RequestId").matches("[0-9a-f-]{36}"), answer.text());
    }

    @Test
    void assumedRoleActsAsSession() {
        String arn = cloud.identities.createRole("worker", PolicyTexts.policy("""
                {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"},
                 "Action": "sts:AssumeRole"}"""));
        Answer assumed = cloud.query(
                "sts", "Action", "AssumeRole", "RoleArn", arn, "RoleSessionName", "one", "DurationSeconds", "900");
        assertEquals("arn:aws:sts::111122223333:assumed-role/worker/one", assumed.element("Arn"));
        assertEquals("2026-03-04T05:21:07Z", assumed.element("Expiration"));

        AwsCredentialsIdentity session = AwsSessionCredentialsIdentity.create(
                assumed.element("AccessKeyId"), assumed.element("SecretAccessKey"), assumed.element("SessionToken"));
        Answer answer = cloud.send(SignedRequest.to("sts", session).body(WHO).sign());
        assertEquals("arn:aws:sts::111122223333:assumed-role/worker/one", answer.element("Arn"));
    }

    @Test
    void trustConditionSeesRequest() {
        String arn = cloud.identities.createRole("worker", PolicyTexts.policy("""
                {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
                 "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:username": "ann"}}}"""));
        WireRequest request = SignedRequest.to("sts", cloud.ann())
                .body("Action=AssumeRole&RoleSessionName=one&RoleArn=" + arn)
                .sign();

        assertEquals(200, cloud.send(request).status());
        assertAnswers(403, "AccessDenied", cloud.send(withoutTls(request)));
    }

    @Test
    void rejectsUnsignedRequest() {
        WireRequest signed = SignedRequest.to("sts", cloud.ann()).body(WHO).sign();

        assertAnswers(403, "MissingAuthenticationToken", cloud.send(unsigned(signed)));
    }

    @Test
    void namesUnknownService() {
        Answer answer = cloud.query("dynamodb", "Action", "ListTables");

        assertAnswers(400, "NotInLocalCloud", answer);
        assertMessage("dynamodb", answer);
    }

    @Test
    void checksSignatureBeforeService() {
        AwsCredentialsIdentity wrong = AwsCredentialsIdentity.create(cloud.ann().accessKeyId(), "not the secret");

        assertAnswers(
                403,
                "SignatureDoesNotMatch",
                cloud.send(SignedRequest.to("dynamodb", wrong).body("").sign()));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            sts, ErrorResponse
            iam, ErrorResponse
            ec2, Response
            """)
    void namesUnknownQueryAction(String service, String root) {
        Answer answer = cloud.query(service, "Action", "MakeCoffee");

        assertAnswers(400, "InvalidAction", answer);
        assertMessage(service + ":MakeCoffee", answer);
        assertTrue(answer.text().startsWith("<" + root), answer.text());
        assertAnswers(400, "MissingAction", cloud.query(service, "Version", "2011-06-15"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secretsmanager", "ssm"})
    void namesUnknownJsonAction(String service) {
        Answer answer = cloud.json(service, "MakeCoffee", "{}");

        assertEquals(400, answer.status());
        assertEquals("UnknownOperationException", answer.member("__type"));
        assertEquals("application/x-amz-json-1.1", answer.type());
        assertMessage(service + ":MakeCoffee", answer);
    }

    @Test
    void namesUnknownParameter() {
        cloud.parameters.put("/p", "v");
        cloud.allow("*", "*");
        Answer query = cloud.query("sts", "Action", "GetCallerIdentity", "Colour", "red");
        Answer json = cloud.json("ssm", "GetParameter", "{\"Name\": \"/p\", \"Colour\": \"red\"}");
        Answer s3 = cloud.send(
                SignedRequest.to("s3", cloud.ann()).path("/bucket/key").sign());

        assertAnswers(400, "NotInLocalCloud", query);
        assertMessage("Colour", query);
        assertEquals("NotInLocalCloud", json.member("__type"));
        assertMessage("Colour", json);
        assertAnswers(400, "MissingParameter", s3);
    }

    @Test
    void deniesInFormatOfEachService() {
        cloud.secrets.create("arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbCdEf", "s", "v");
        cloud.parameters.put("/p", "v");
        Answer ec2 = cloud.query("ec2", "Action", "DescribeSpotPriceHistory");
        Answer iam = cloud.query("iam", "Action", "CreateAccessKey", "UserName", "ann");
        Answer s3 = cloud.send(SignedRequest.to("s3", cloud.ann())
                .path("/bucket/key")
                .body("x")
                .sign());
        Answer secret = cloud.json("secretsmanager", "GetSecretValue", "{\"SecretId\": \"s\"}");
        Answer parameter = cloud.json("ssm", "GetParameter", "{\"Name\": \"/p\"}");

        assertAnswers(403, "UnauthorizedOperation", ec2);
        assertAnswers(403, "AccessDenied", iam);
        assertAnswers(403, "AccessDenied", s3);
        for (Answer json : List.of(secret, parameter)) {
            assertEquals("AccessDeniedException", json.member("__type"));
            assertEquals(400, json.status());
        }
        assertMessage("iam:CreateAccessKey", iam);
    }

    @Test
    void answersAllowedAction() {
        cloud.secrets.create("arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbCdEf", "s", "the value");
        cloud.allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:s-??????");

        Answer answer = cloud.json("secretsmanager", "GetSecretValue", "{\"SecretId\": \"s\"}");
        assertEquals("the value", answer.member("SecretString"));
        assertEquals(
                "AccessDeniedException",
                cloud.json("secretsmanager", "PutSecretValue", "{\"SecretId\": \"s\", \"SecretString\": \"x\"}")
                        .member("__type"));
    }

    @Test
    void stagedVersionKeepsCurrentVersion() {
        String arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbCdEf";
        cloud.secrets.create(arn, "s", "the value");
        cloud.allow("secretsmanager:*", arn);
        String put = "{\"SecretId\": \"s\", \"SecretString\": \"%s\", \"VersionStages\": [\"MINE\"],"
                + " \"ClientRequestToken\": \"01234567-89ab-cdef-0123-456789abcdef\"}";
        String get = "{\"SecretId\": \"s\", \"VersionStage\": \"%s\"}";

        assertEquals(
                "ResourceNotFoundException",
                cloud.json("secretsmanager", "GetSecretValue", get.formatted("MINE"))
                        .member("__type"));
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    "01234567-89ab-cdef-0123-456789abcdef",
                    cloud.json("secretsmanager", "PutSecretValue", put.formatted("one"))
                            .member("VersionId"));
        }
        assertEquals(
                "ResourceExistsException",
                cloud.json("secretsmanager", "PutSecretValue", put.formatted("two"))
                        .member("__type"));
        assertEquals(
                "one",
                cloud.json("secretsmanager", "GetSecretValue", get.formatted("MINE"))
                        .member("SecretString"));
        assertEquals(
                "the value",
                cloud.json("secretsmanager", "GetSecretValue", get.formatted("AWSCURRENT"))
                        .member("SecretString"));
        assertEquals(
                "ResourceNotFoundException",
                cloud.json("secretsmanager", "GetSecretValue", get.formatted("AWSPREVIOUS"))
                        .member("__type"));
    }

    @Test
    void rejectsInvalidJson() {
        Answer answer = cloud.json("ssm", "GetParameter", "Name=/p");

        assertEquals("SerializationException", answer.member("__type"));
    }

    @Test
    void conditionsSeeCallerAndRequest() {
        cloud.put("conditions", """
                {"Effect": "Allow", "Action": "ec2:DescribeSpotPriceHistory", "Resource": "*", "Condition": {
                   "Bool": {"aws:SecureTransport": "true"},
                   "StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:username": "ann",
                                    "aws:PrincipalAccount": "111122223333"},
                   "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/ann"},
                   "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
                   "DateEquals": {"aws:CurrentTime": "2026-03-04T05:06:07Z", "aws:EpochTime": "1772600767"},
                   "Null": {"aws:MultiFactorAuthPresent": "true"}}}""");
        SignedRequest here = SignedRequest.to("ec2", cloud.ann())
                .region("eu-west-1")
                .body("Action=DescribeSpotPriceHistory&MaxResults=1");

        assertEquals(200, cloud.send(here.sign()).status());
        assertAnswers(403, "UnauthorizedOperation", cloud.send(withoutTls(here.sign())));
        assertAnswers(
                403,
                "UnauthorizedOperation",
                cloud.send(here.region("us-east-1").sign()));
    }

    @Test
    void rejectsDeletedKey() {
        cloud.identities.deleteAccessKey("ann", cloud.ann().accessKeyId());

        assertAnswers(403, "InvalidClientTokenId", cloud.query("sts", "Action", "GetCallerIdentity"));
        assertAnswers(401, "AuthFailure", cloud.query("ec2", "Action", "DescribeSpotPriceHistory"));
    }

    @Test
    void deletesKeyOfNamedUserOnly() {
        cloud.identities.createUser("bob");
        Identities.AccessKey bobs = cloud.identities.createAccessKey("bob");
        cloud.allow("iam:*AccessKey", "arn:aws:iam::111122223333:user/ann");

        assertAnswers(
                404,
                "NoSuchEntity",
                cloud.query("iam", "Action", "DeleteAccessKey", "UserName", "ann", "AccessKeyId", bobs.id()));
        assertAnswers(
                403,
                "AccessDenied",
                cloud.query("iam", "Action", "DeleteAccessKey", "UserName", "bob", "AccessKeyId", bobs.id()));
        assertEquals(
                200,
                cloud.query("iam", "Action", "CreateAccessKey", "UserName", "ann")
                        .status());
        assertAnswers(409, "LimitExceeded", cloud.query("iam", "Action", "CreateAccessKey", "UserName", "ann"));
    }

    @Test
    void recordsEveryDecision() {
        cloud.query("ec2", "Action", "DescribeSpotPriceHistory");
        cloud.query("sts", "Action", "GetCallerIdentity");

        assertEquals(
                List.of(new AuditTrail.Decision(
                        "ec2:DescribeSpotPriceHistory", "*", "us-east-1", "arn:aws:iam::111122223333:user/ann", false)),
                cloud.calls.decisions());
    }
}
