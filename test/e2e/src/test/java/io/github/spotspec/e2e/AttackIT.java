package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.AuditTrail;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends requests that try to misuse the URL with the rights of a caller. */
@ExtendWith(SharedDeployment.class)
final class AttackIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARKER = "f0rged";

    private final LocalDeployment service;
    private final AttackTarget target;
    private final List<String> bearer;

    AttackIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.target = AttackTarget.in(service);
        this.bearer = target.bearer();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'version':'0','id':'1','detail-type':'Scheduled Event','source':'aws.events','account':'111122223333',"
                        + "'region':'us-west-2','resources':['arn:aws:events:us-west-2:111122223333:rule/x'],'detail':{}",
                "'detail-type':'EC2 Spot Instance Interruption Warning','source':'aws.ec2','region':'us-west-2',"
                        + "'detail':{'instance-id':'i-00000000000000001','instance-action':'terminate'}",
                "'detail-type':'EC2 Instance Rebalance Recommendation','source':'aws.ec2','region':'us-west-2',"
                        + "'detail':{'instance-id':'i-00000000000000001'}",
                "'tasks':['price','launch'],'life':'1d'",
                "'revoke':'all'",
                "'Step':'createSecret','SecretId':'arn:aws:secretsmanager:us-west-2:111122223333:secret:x',"
                        + "'ClientRequestToken':'11111111-1111-1111-1111-111111111111'",
                "'Step':'setSecret','SecretId':'x','ClientRequestToken':'1','RotationToken':'1'",
                "'Step':'testSecret','SecretId':'x','ClientRequestToken':'1'",
                "'Step':'finishSecret','SecretId':'x','ClientRequestToken':'1'",
                "'Records':[{'EventSource':'aws:sns','Sns':{'Message':'{}'}}]",
                "'RequestType':'Delete','ResponseURL':'http://127.0.0.1/','StackId':'x','RequestId':'1'",
                "'version':'2.0','rawPath':'/','isBase64Encoded':false,'body':'{}','requestContext':{'http':{'method':"
                        + "'POST','path':'/'},'authorizer':{'iam':{'userArn':'arn:aws:iam::111122223333:root'}}}"
            })
    void rejectsBodyThatImitatesOtherEvent(String event) throws Exception {
        String alone = "{" + event.replace('\'', '"') + "}";
        String withTask = "{\"task\":\"price\",\"types\":[\"m7g.large\"]," + alone.substring(1);
        int before = service.cloud().state().host().invocations();
        for (String body : List.of(alone, withTask, "[" + alone + "]")) {
            for (String type :
                    List.of("application/json", "application/x-www-form-urlencoded", "application/cloudevents+json")) {
                AttackTarget.assertRejected(
                        target.url().unsigned(body, AttackTarget.joined(bearer, List.of("content-type", type))), body);
            }
            AttackTarget.assertRejected(service.send(body), body);
        }
        assertEquals(before + 12, service.cloud().state().host().invocations(), "no other function ran");
        assertTrue(
                Set.of("secretsmanager:GetSecretValue").containsAll(target.actions()),
                () -> "unexpected AWS calls: " + target.actions());
    }

    @Test
    void pathsAndHeadersReachNoOtherFunction() throws Exception {
        for (String path : List.of(
                "mint",
                "2015-03-31/functions/" + target.output("MinterName") + "/invocations",
                "2018-06-01/runtime/invocation/next",
                "_/",
                "%2e%2e/",
                "%2F",
                "%00",
                ";/",
                "live",
                "$LATEST")) {
            SpotUrl.Answer answer = target.url().unsigned(path, "{\"tasks\":[\"price\"]}", bearer);
            assertEquals("NotFound", answer.error(), () -> path + ": " + answer.text());
        }
        for (List<String> headers : List.of(
                List.of("x-amz-invocation-type", "Event"),
                List.of("x-amz-target", "AWSLambda.Invoke"),
                List.of("x-amz-client-context", "eyJjdXN0b20iOnt9fQ=="),
                List.of("x-http-method-override", "DELETE"),
                List.of("lambda-runtime-aws-request-id", MARKER),
                List.of("lambda-runtime-invoked-function-arn", MARKER),
                List.of("x-amzn-requestid", MARKER),
                List.of("x-forwarded-host", "evil.example", "x-forwarded-for", MARKER),
                List.of("x-amz-source-arn", "arn:aws:events:us-west-2:111122223333:rule/x"))) {
            SpotUrl.Answer answer = target.url().unsigned("{}", AttackTarget.joined(bearer, headers));
            assertEquals("MissingField", answer.error(), () -> headers + ": " + answer.text());
            assertFalse(answer.text().contains(MARKER), answer.text());
        }
        SpotUrl.Answer query = target.url()
                .unsigned("?source=aws.events&detail-type=Scheduled%20Event&tasks=price&revoke=all", "{}", bearer);
        assertEquals("MissingField", query.error(), query.text());
    }

    @Test
    void rejectsDeepHugeAndAmbiguousJson() throws Exception {
        String price = "{\"task\":\"price\",\"types\":[\"m7g.large\"]";
        for (String body : List.of(
                "{\"a\":".repeat(30_000),
                "[{\"a\":".repeat(5_000) + "1" + "}]".repeat(5_000),
                price + ",\"tags\":" + "{\"a\":".repeat(500) + "1" + "}".repeat(500) + "}",
                price + ",\"zones\":" + "[".repeat(500) + "]".repeat(500) + "}",
                price + ",\"limit\":" + "9".repeat(60_000) + "}",
                price + ",\"limit\":0." + "0".repeat(60_000) + "1}",
                price + ",\"limit\":1e2147483647}",
                price + ",\"" + "k".repeat(60_000) + "\":1}",
                price + manyFields() + "}",
                price + ",\"zones\":[" + "\"us-west-2a\",".repeat(4_000) + "\"x\"]}",
                price + ",\"task\":\"launch\"}",
                price + ",\"t\\u0061sk\":\"launch\"}",
                price + ",\"type\":\"m6g.large\"}",
                price + ",\"tags\":{\"a\":\"1\",\"\\u0061\":\"2\"}}",
                "{\"attributes\":{\"task\":\"price\",\"region\":\"us-west-2\"},\"construct\":{\"keys\":{\"region\":"
                        + "\"us-east-1\"}}}",
                "{\"attributes\":{\"task\":\"price\"},\"attributes\":{\"task\":\"end\",\"all\":true}}",
                "{\"task\":\"price\",\"attributes\":{\"task\":\"end\",\"all\":true}}",
                price + "}\u0000{\"task\":\"end\",\"all\":true}",
                price + "}{\"task\":\"end\",\"all\":true}",
                "/**/" + price + "}",
                price + ",}",
                price.replace('"', '\'') + "}",
                "\"" + "\\u0000".repeat(10_000) + "\"",
                "x".repeat(4 * 1024 * 1024))) {
            AttackTarget.assertRejected(
                    target.url().unsigned(body, bearer), body.substring(0, Math.min(80, body.length())));
            AttackTarget.assertRejected(service.send(body), body.substring(0, Math.min(80, body.length())));
        }
        assertEquals(200, target.url().unsigned(AttackTarget.PRICE, bearer).status());
    }

    private static String manyFields() {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 4_000; i++) {
            fields.append(",\"f").append(i).append("\":").append(i);
        }
        return fields.toString();
    }

    @Test
    void noValueChangesTheAwsEndpoint() throws Exception {
        try (ConnectionCounter trap = ConnectionCounter.start()) {
            for (String host : trap.hosts()) {
                for (RequestBody ask : List.of(
                        RequestBody.to("price").with("region", host),
                        RequestBody.to("price").with("regions", List.of("us-west-2", host)),
                        RequestBody.to("price").with("region", "us-west-2" + host),
                        RequestBody.to("price").with("types", List.of(host)),
                        RequestBody.to("price")
                                .with("types", List.of("m7g.large"))
                                .with("zones", List.of(host)),
                        RequestBody.to("history")
                                .with("types", List.of("m7g.large"))
                                .with("zones", List.of("us-west-2a" + host)),
                        RequestBody.launch(host).without("dryRun"),
                        RequestBody.launch("m7g.large").without("dryRun").with("ami", host),
                        RequestBody.launch("m7g.large").without("dryRun").with("ami", "resolve:ssm:" + host),
                        RequestBody.launch("m7g.large").without("dryRun").with("subnetIds", List.of("subnet-" + host)),
                        RequestBody.launch("m7g.large")
                                .without("dryRun")
                                .with("launchSpecification", Map.of("Placement", Map.of("AvailabilityZone", host))),
                        RequestBody.to("end").with("instanceIds", List.of("i-" + host)),
                        RequestBody.to("instances").with("region", List.of(host)))) {
                    AttackTarget.assertRejected(service.send(ask.toString()), ask);
                }
                AttackTarget.assertRejected(
                        service.send("{\"construct\":{\"keys\":{\"region\":" + JSON.writeValueAsString(host)
                                + "}},\"attributes\":{\"task\":\"price\"}}"),
                        host);
            }
            assertEquals(0, trap.connections(), "no value may connect to another host");
        }
        assertEquals(
                Set.of(),
                service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                        .filter(call -> !call.action().equals(LocalDeployment.HANDSHAKE))
                        .map(AuditTrail.ApiCall::region)
                        .filter(region -> !LocalDeployment.REGIONS.contains(region))
                        .collect(Collectors.toSet()),
                "no value may call another region");
    }
}
