package io.github.spotspec.local.iam;

import static io.github.spotspec.local.iam.PolicyTexts.access;
import static io.github.spotspec.local.iam.PolicyTexts.conditional;
import static io.github.spotspec.local.iam.PolicyTexts.granting;
import static io.github.spotspec.local.iam.PolicyTexts.policy;
import static io.github.spotspec.local.iam.PolicyTexts.statement;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.Json;
import io.github.spotspec.local.wire.AwsError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which requests a statement covers, and which documents are invalid. */
final class PolicyDocumentTest {
    private static final String INSTANCE = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";

    private static boolean covers(String statement, AuthorizationRequest access) {
        return policy(statement).statements().getFirst().covers(access);
    }

    @Test
    void ignoresCaseOfActions() {
        String statement = statement("Allow", "EC2:runinstances", "*");

        assertTrue(covers(statement, access("ec2:RunInstances", INSTANCE)));
    }

    @Test
    void comparesCaseOfResources() {
        String statement = statement("Allow", "ec2:*", INSTANCE.replace("instance/", "Instance/"));

        assertFalse(covers(statement, access("ec2:RunInstances", INSTANCE)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            *,               true
            ec2:*,           true
            ec2:Run*,        true
            ec2:RunInstance?,true
            ec2:Describe*,   false
            ec2:Run,         false
            s3:*,            false
            """)
    void matchesActionWildcards(String action, boolean covers) {
        assertEquals(covers, covers(statement("Allow", action, "*"), access("ec2:RunInstances", INSTANCE)));
    }

    @Test
    void notActionCoversEveryOtherAction() {
        String statement = """
                {"Effect": "Deny", "NotAction": ["ec2:Describe*", "iam:*"], "Resource": "*"}""";

        assertTrue(covers(statement, access("ec2:RunInstances", INSTANCE)));
        assertFalse(covers(statement, access("ec2:describeinstances", "*")));
        assertFalse(covers(statement, access("iam:CreateUser", "*")));
    }

    @Test
    void notResourceCoversEveryOtherResource() {
        String statement = """
                {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:ec2:*:*:volume/*", "arn:aws:s3:::a"]}""";

        assertTrue(covers(statement, access("ec2:RunInstances", INSTANCE)));
        assertFalse(covers(statement, access("s3:ListBucket", "arn:aws:s3:::a")));
    }

    @Test
    void requiresEveryCondition() {
        String statement = conditional("Allow", "*", """
                {"StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:username": ["ann", "bob"]},
                 "Bool": {"aws:SecureTransport": true}}""");

        assertTrue(covers(
                statement,
                access(
                        "a:B",
                        "*",
                        "aws:RequestedRegion",
                        "us-east-1",
                        "aws:username",
                        "bob",
                        "AWS:securetransport",
                        "true")));
        assertFalse(covers(
                statement,
                access(
                        "a:B",
                        "*",
                        "aws:RequestedRegion",
                        "us-east-1",
                        "aws:username",
                        "eve",
                        "aws:SecureTransport",
                        "true")));
        assertFalse(covers(statement, access("a:B", "*", "aws:RequestedRegion", "us-east-1", "aws:username", "bob")));
    }

    @Test
    void replacesVariables() {
        String resource = statement("Allow", "*", "arn:aws:iam::111122223333:user/${aws:username}");
        String condition = conditional("Allow", "*", """
                {"StringEquals": {"aws:ResourceTag/owner": "${AWS:UserName}"}}""");

        assertTrue(covers(resource, access("a:B", "arn:aws:iam::111122223333:user/ann", "aws:username", "ann")));
        assertFalse(covers(resource, access("a:B", "arn:aws:iam::111122223333:user/bob", "aws:username", "ann")));
        assertTrue(covers(condition, access("a:B", "*", "aws:username", "ann", "aws:ResourceTag/owner", "ann")));
        assertFalse(covers(condition, access("a:B", "*", "aws:username", "ann", "aws:ResourceTag/owner", "bob")));
    }

    @Test
    void variableWithoutValueMatchesNothing() {
        String statement = statement("Allow", "*", "arn:aws:iam::111122223333:user/${aws:username}*");

        assertFalse(covers(statement, access("a:B", "arn:aws:iam::111122223333:user/ann")));
        assertFalse(covers(statement, access("a:B", "arn:aws:iam::111122223333:user/")));
    }

    @Test
    void usesDefaultOfVariable() {
        String statement = statement("Allow", "*", "arn:aws:s3:::${aws:PrincipalTag/team, 'everybody'}/*");

        assertTrue(covers(statement, access("a:B", "arn:aws:s3:::everybody/x")));
        assertTrue(covers(statement, access("a:B", "arn:aws:s3:::blue/x", "aws:PrincipalTag/team", "blue")));
        assertFalse(covers(statement, access("a:B", "arn:aws:s3:::everybody/x", "aws:PrincipalTag/team", "blue")));
    }

    @Test
    void takesWildcardInVariableLiterally() {
        String users = statement("Allow", "*", "arn:aws:s3:::home/${aws:username}/*");
        String star = statement("Allow", "*", "arn:aws:s3:::home/${*}");
        String tag = conditional("Allow", "*", """
                {"StringLike": {"aws:ResourceTag/owner": "${aws:PrincipalTag/team}"}}""");

        assertFalse(covers(users, access("a:B", "arn:aws:s3:::home/ann/x", "aws:username", "*")));
        assertTrue(covers(users, access("a:B", "arn:aws:s3:::home/*/x", "aws:username", "*")));
        assertTrue(covers(star, access("a:B", "arn:aws:s3:::home/*")));
        assertFalse(covers(star, access("a:B", "arn:aws:s3:::home/ann")));
        assertFalse(covers(tag, access("a:B", "*", "aws:PrincipalTag/team", "*", "aws:ResourceTag/owner", "ann")));
        assertTrue(covers(tag, access("a:B", "*", "aws:PrincipalTag/team", "?", "aws:ResourceTag/owner", "?")));
    }

    @Test
    void stringEqualsComparesPlainVariable() {
        String tag = conditional("Allow", "*", """
                {"StringEquals": {"aws:ResourceTag/owner": "${aws:PrincipalTag/team}${*}"}}""");

        assertTrue(covers(tag, access("a:B", "*", "aws:PrincipalTag/team", "a*", "aws:ResourceTag/owner", "a**")));
    }

    @Test
    void acceptsSingleStatement() {
        PolicyDocument policy = PolicyDocument.parse(Json.object("""
                {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["a:B"], "Resource": ["*"]}}"""));

        assertTrue(policy.statements().getFirst().covers(access("a:B", "x")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {}}           | Conditions
            {"Effect": "Allow", "Action": "*", "Resource": "*", "action": "*"}              | action
            {"Effect": "allow", "Action": "*", "Resource": "*"}                             | Effect
            {"Action": "*", "Resource": "*"}                                                | Effect
            {"Effect": "Allow", "Resource": "*"}                                            | NotAction
            {"Effect": "Allow", "Action": "*", "NotAction": "a:B", "Resource": "*"}         | NotAction
            {"Effect": "Allow", "Action": "*", "NotResource": "x", "Resource": "*"}         | NotResource
            {"Effect": "Allow", "Action": [], "Resource": "*"}                              | Action
            {"Effect": "Deny", "NotAction": [], "Resource": "*"}                            | NotAction
            {"Effect": "Allow", "Action": "*", "Resource": []}                              | Resource
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"}           | Condition
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": "x"}} | Bool
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Is": {}}}    | Is
            {"Effect": "Allow", "Action": "*", "NotPrincipal": {"AWS": "x"}}                | NotPrincipal
            {"Effect": "Allow", "Action": "*", "Principal": {"User": "x"}}                  | User
            {"Effect": "Allow", "Action": "*", "Principal": "111122223333"}                 | Principal
            """)
    void rejectsInvalidStatement(String statement, String element) {
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> policy(statement));

        assertTrue(String.valueOf(error.getMessage()).contains(element), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Statement\": []}",
                "{\"Version\": \"2008-10-17\", \"Statement\": []}",
                "{\"Version\": \"2012-10-17\"}",
                "{\"Version\": \"2012-10-17\", \"Statement\": \"*\"}",
                "{\"Version\": \"2012-10-17\", \"Statement\": [], \"Statements\": []}"
            })
    void rejectsInvalidDocument(String document) {
        assertThrows(IllegalArgumentException.class, () -> PolicyDocument.parse(Json.object(document)));
    }

    @Test
    void distinguishesIdentityAndTrustPolicies() {
        PolicyDocument own = policy(statement("Allow", "a:B", "*"));
        PolicyDocument trust = policy(granting("Allow", "\"*\"", "sts:AssumeRole"));

        assertDoesNotThrow(own::asIdentityPolicy);
        assertEquals(
                "MalformedPolicyDocument",
                assertThrows(AwsError.class, trust::asIdentityPolicy).code());
        assertDoesNotThrow(trust::asTrustPolicy);
        assertEquals(
                "MalformedPolicyDocument",
                assertThrows(AwsError.class, own::asTrustPolicy).code());
    }
}
