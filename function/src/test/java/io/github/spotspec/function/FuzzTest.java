package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeSts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Mutates valid requests at random, by bytes and by pieces. Checks that no answer is an internal error or reveals
 * internals, and that the function calls only AWS in the deployment's regions. {@code -Dfuzz.seed=S} repeats a run;
 * {@code -Dfuzz.requests=N} sets the number of requests.
 */
final class FuzzTest {
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 2_000);

    /** Texts that are known to confuse parsers, loggers, clients and readers of logs. */
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "null",
            "true",
            "-0",
            "1e99999999999",
            "-1e-99999999999",
            "9223372036854775808",
            "0.00000000000000000000000001",
            "NaN",
            "\\u0000",
            "\\ud800",
            "\u0000",
            "\ufeff",
            "\u202e",
            "\r\nx-injected: 1\r\n\r\n",
            "\n{\"level\":\"forged\"}\n",
            "${jndi:ldap://127.0.0.1/a}",
            "../../../../etc/passwd",
            "http://169.254.169.254/latest/meta-data/",
            "us-west-2.evil.example",
            "evil.example#",
            "us-west-2@evil.example",
            "resolve:ssm:/aws/service/../../x",
            "resolve:ssm:arn:aws:ssm:us-west-2:444455556666:parameter/x",
            "\"source\":\"aws.ec2\",\"detail-type\":\"EC2 Spot Instance Interruption Warning\"",
            "\"source\":\"aws.events\",\"detail-type\":\"Scheduled Event\"",
            "\"Step\":\"createSecret\",\"SecretId\":\"x\"",
            "\"Records\":[{\"EventSource\":\"aws:sns\"}]",
            "\"requestContext\":{\"authorizer\":{\"iam\":{\"userArn\":\"arn:aws:iam::111122223333:root\"}}}",
            "\"session\":\"eyJhbGciOiJub25lIn0...\"",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
            "\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{");

    private static final List<String> ACCEPT_HEADERS =
            List.of("text/plain", "text/plain; wide=true", "text/csv", "text/csv;q=0.5, text/*", "*/*");

    private final FunctionUnderTest open = new FunctionUnderTest("us-west-2", "eu-west-1");
    private final FunctionUnderTest guarded = FunctionUnderTest.with("'mfaTasks':['launch','end'],'sessionSecretArn':'"
            + FakeAws.SESSION_SECRET + "'," + FunctionUnderTest.TOKENS);
    private final String token = new MinterUnderTest(guarded.aws(), guarded.clock())
            .token("{'tasks':['price','launch','extend','end','instances'],'life':'10m'}");
    private final List<String> valid = new ArrayList<>(new BadRequests(open.tasks()).valid());

    FuzzTest() {
        guarded.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\",\"serialNumber\":\""
                        + FakeSts.DEVICE + "\"}");
    }

    @Test
    void answersEveryMutatedRequestAsDocumented() {
        Map<String, Integer> tally = new TreeMap<>();
        RandomInputs.check(REQUESTS, this::request, request -> {
            FunctionUnderTest function = request.function();
            function.clearLog();
            function.ec2().clear();
            FunctionUnderTest.Answer answer = function.handle(request.event());
            AnswerContract.check(answer, function.log());
            tally.merge(kind(answer), 1, Integer::sum);
            assertEquals(List.of(), function.aws().foreignHosts(), "the function calls only AWS");
        });
        System.out.printf("fuzz: %s%n", tally);
    }

    /** A request to one of the two functions. */
    private record Request(FunctionUnderTest function, String event) {}

    private Request request(Random random) {
        FunctionUnderTest function = random.nextInt(4) == 0 ? guarded : open;
        return new Request(function, event(function == guarded, random));
    }

    private static String kind(FunctionUnderTest.Answer answer) {
        if (!String.valueOf(answer.headers().get("content-type")).equals("application/json")) {
            return answer.status() == 200 ? "a table" : answer.body().split(":", 2)[0];
        }
        return answer.status() == 200 ? answer.event() : answer.error();
    }

    private String event(boolean toGuarded, Random random) {
        String base = valid.get(random.nextInt(valid.size()));
        if (toGuarded && random.nextBoolean()) {
            base = base.replaceFirst("\\{", "{\"mfaCode\":\"123456\",");
        }
        byte[] body = base.getBytes(StandardCharsets.UTF_8);
        boolean wellFormed = random.nextInt(3) > 0;
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            body = wellFormed ? replaceValue(body, random) : mutated(body, random);
        }
        String method = random.nextInt(50) == 0 ? piece(random) : "POST";
        String path = random.nextInt(50) == 0 ? "/" + piece(random) : "/";
        Map<String, String> headers = new HashMap<>();
        if (toGuarded) {
            headers.put("authorization", "Bearer " + (random.nextInt(4) == 0 ? mutated(token, random) : token));
        }
        switch (random.nextInt(20)) {
            case 0 -> headers.put("idempotency-key", piece(random));
            case 1 -> headers.put("authorization", "Bearer " + piece(random));
            case 2 -> headers.put(piece(random), piece(random));
            case 3 -> headers.put("accept", mutated(ACCEPT_HEADERS.get(random.nextInt(ACCEPT_HEADERS.size())), random));
            case 4, 5 -> headers.put("accept", ACCEPT_HEADERS.get(random.nextInt(ACCEPT_HEADERS.size())));
            case 6 -> headers.put("accept-encoding", random.nextBoolean() ? "gzip" : piece(random));
            default -> {}
        }
        boolean bytes = random.nextBoolean();
        String text = bytes ? Base64.getEncoder().encodeToString(body) : new String(body, StandardCharsets.UTF_8);
        return FunctionUnderTest.event(method, path, toGuarded ? null : FunctionUnderTest.CALLER, text, bytes, headers);
    }

    private String mutated(String text, Random random) {
        return new String(mutated(text.getBytes(StandardCharsets.UTF_8), random), StandardCharsets.UTF_8);
    }

    private byte[] mutated(byte[] body, Random random) {
        int at = random.nextInt(body.length + 1);
        int until = Math.min(body.length, at + 1 + random.nextInt(8));
        return switch (random.nextInt(5)) {
            case 0 -> joined(body, 0, at, new byte[] {(byte) random.nextInt(256)}, until);
            case 1 -> joined(body, 0, at, new byte[0], until);
            case 2 -> joined(body, 0, at, piece(random).getBytes(StandardCharsets.UTF_8), at);
            case 3 -> joined(body, 0, until, Arrays.copyOfRange(body, at, until), until);
            default -> {
                byte[] other = valid.get(random.nextInt(valid.size())).getBytes(StandardCharsets.UTF_8);
                int from = random.nextInt(other.length);
                yield joined(body, 0, at, Arrays.copyOfRange(other, from, other.length), body.length);
            }
        };
    }

    /** Replaces a text that is a value with a piece, so that the result is usually well formed. */
    private static byte[] replaceValue(byte[] body, Random random) {
        String[] parts = new String(body, StandardCharsets.UTF_8).split("\"", -1);
        List<Integer> values = IntStream.range(0, parts.length - 1)
                .filter(part -> part % 2 == 1 && !parts[part + 1].strip().startsWith(":"))
                // Any other task is unknown, which other tests cover.
                .filter(part -> part < 2 || !parts[part - 2].equals("task"))
                .boxed()
                .toList();
        if (values.isEmpty()) {
            return body;
        }
        parts[values.get(random.nextInt(values.size()))] = piece(random)
                .replace("\"", "'")
                .replace("\n", " ")
                .replace("\r", " ")
                .replace("\u0000", " ");
        return String.join("\"", parts).getBytes(StandardCharsets.UTF_8);
    }

    private static String piece(Random random) {
        return PIECES.get(random.nextInt(PIECES.size()));
    }

    private static byte[] joined(byte[] body, int from, int to, byte[] between, int rest) {
        byte[] all = new byte[to - from + between.length + body.length - rest];
        System.arraycopy(body, from, all, 0, to - from);
        System.arraycopy(between, 0, all, to - from, between.length);
        System.arraycopy(body, rest, all, to - from + between.length, body.length - rest);
        return all;
    }
}
