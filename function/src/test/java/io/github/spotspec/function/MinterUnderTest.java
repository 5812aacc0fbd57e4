package io.github.spotspec.function;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.token.MinterHandler;
import io.github.spotspec.function.token.MinterSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** The minter of a deployment with two regions, which shares its AWS with the function under test. */
public final class MinterUnderTest {
    static final String URL = "https://abc.lambda-url.us-west-2.on.aws/";

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final MinterHandler handler;

    MinterUnderTest(FakeAws aws, FakeClock time) {
        this(aws, time, Duration.ofDays(1));
    }

    public MinterUnderTest(FakeAws aws, FakeClock time, Duration maxLife) {
        handler = new MinterHandler(
                MinterSettings.parse(FunctionUnderTest.quoted("{'service':'" + FakeEc2.SERVICE
                        + "','regions':['us-west-2','eu-west-1'],'tasks':['price','launch','extend','end','instances','cost','connect'],'osUsers':['ec2-user','ubuntu','admin'],"
                        + FunctionUnderTest.TOKENS + ",'url':'" + URL
                        + "','longestLife':" + maxLife.toSeconds() + "}")),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAMINTER", "minter-secret")),
                aws,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** Invokes the minter with an event that is written with single quotes. */
    public Map<?, ?> invoke(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(FunctionUnderTest.quoted(event).getBytes(StandardCharsets.UTF_8)),
                    out,
                    new FakeContext(10_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (Map<?, ?>) Objects.requireNonNull(Json.parse(out.toString(StandardCharsets.UTF_8)));
    }

    /** Mints a token. */
    String token(String event) {
        Map<?, ?> answer = invoke(event);
        return Objects.requireNonNull((String) answer.get("token"), answer.toString());
    }

    /** Returns a token's id. */
    static String id(String token) {
        return String.valueOf(claims(token).get("jti"));
    }

    static Map<?, ?> claims(String token) {
        return (Map<?, ?>) Objects.requireNonNull(Json.parse(new String(
                java.util.Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8)));
    }

    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    public void clearLog() {
        log.reset();
    }
}
