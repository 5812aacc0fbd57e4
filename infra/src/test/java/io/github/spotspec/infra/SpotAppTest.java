package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The app that {@code cdk.json} runs, and its context. */
final class SpotAppTest {
    private static final String CI = "arn:aws:iam::111122223333:role/ci";
    private static final String ANN = "arn:aws:iam::111122223333:user/ann";

    /** A name in code font. */
    private static final Pattern VALUE = Pattern.compile("`(\\w+)`");

    private static Synthesis synthesis(Map<String, Object> context) {
        return Synthesis.of(SpotApp.stack(Synthesis.app(context)));
    }

    @Test
    void invokersMayCallTheUrl() {
        Synthesis app = synthesis(Map.of("invokers", CI));

        assertEquals("AWS_IAM", app.only("AWS::Lambda::Url").get("AuthType"));
        assertEquals(
                Map.of("lambda:InvokeFunctionUrl", CI, "lambda:InvokeFunction", CI),
                app.all("AWS::Lambda::Permission").stream()
                        .filter(permission ->
                                permission.get("FunctionName").toString().contains("SpotFunctionAliaslive"))
                        .filter(permission -> !permission.get("Principal").equals("events.amazonaws.com"))
                        .collect(Collectors.toMap(
                                permission -> permission.get("Action"), permission -> permission.get("Principal"))));
        assertFalse(app.outputs().contains("MinterName"));
    }

    @Test
    void mintersMayInvokeTheMinter() {
        Synthesis app = synthesis(Map.of("urlAuth", "token:12h", "minters", CI + ", " + ANN));
        String minter =
                "${" + app.only("AWS::Lambda::Function", "SpotMinterFunction").id() + "}";

        assertEquals("NONE", app.only("AWS::Lambda::Url").get("AuthType"));
        assertEquals(43_200, app.settings("SpotMinterFunction").get("longestLife"));
        assertEquals(
                Map.of(CI, "lambda:InvokeFunction", ANN, "lambda:InvokeFunction"),
                app.all("AWS::Lambda::Permission").stream()
                        .filter(permission ->
                                permission.get("FunctionName").toString().contains("SpotMinterFunction"))
                        .collect(Collectors.toMap(
                                permission -> permission.get("Principal"), permission -> permission.get("Action"))));
        assertEquals(minter, app.output("MinterName"));
        assertEquals(
                "aws lambda invoke --region us-west-2 --function-name " + minter
                        + " --cli-binary-format raw-in-base64-out --payload '{\"tasks\":[\"price\"],\"life\":\"10m\"}'"
                        + " /dev/stdout",
                app.output("MakeToken"));
    }

    @ParameterizedTest
    @CsvSource({"token, 86400", "token:90m, 5400", "token:7d, 604800"})
    void setsMaximumTokenLifetime(String urlAuth, int seconds) {
        assertEquals(
                seconds,
                synthesis(Map.of("urlAuth", urlAuth))
                        .settings("SpotMinterFunction")
                        .get("longestLife"));
    }

    @Test
    void rejectsPrincipalsThatDoNotMatchUrlAuth() {
        assertRejected(
                () -> synthesis(Map.of("urlAuth", "token", "invokers", CI, "minters", CI)),
                "'invokers'",
                "'urlAuth'",
                "'minters'");
        for (Map<String, Object> signed : List.of(
                Map.<String, Object>of("minters", CI), Map.<String, Object>of("urlAuth", "iam", "minters", CI))) {
            assertRejected(() -> synthesis(signed), "'minters'", "'urlAuth'", "'invokers'");
        }
    }

    @Test
    void documentListsExactlyTheContextKeys() throws IOException {
        Set<String> read = new TreeSet<>();
        SpotApp.stack(Synthesis.app(Map.of()), key -> {
            read.add(key);
            return null;
        });

        assertEquals(read, documented("Key").keySet());
        assertEquals(read, Set.copyOf(SpotApp.KEYS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"region", "Regions", "url-auth", "mfa"})
    void rejectsUnknownContextKeys(String key) {
        assertRejected(
                () -> synthesis(Map.of(key, "us-east-1", "dashboard", "true")), key, String.join(", ", SpotApp.KEYS));
    }

    @Test
    void acceptsContextKeysOfTheCdk() {
        SpotApp.stack(Synthesis.app(Map.of(
                "@aws-cdk/core:checkSecretUsage",
                true,
                "aws:cdk:bundling-stacks",
                List.of("**"),
                "availability-zones:account=111122223333:region=us-west-2",
                List.of("us-west-2a"),
                "acknowledged-issue-numbers",
                List.of(19836),
                "cli-telemetry",
                false)));
    }

    @ParameterizedTest
    @CsvSource({
        "regions, mars, mars",
        "mfaTasks, 'launch,lunch', lunch",
        "dashboard, yes, yes",
        "urlAuth, tokens, tokens",
        "urlAuth, token:, token:",
        "urlAuth, token:12, token:12",
        "urlAuth, 'iam,token', 'iam,token'",
        "urlAuth, token:8d, 8 days",
        "invokers, ci, ci",
        "invokers, arn:aws:iam::111122223333:group/ci, arn:aws:iam::111122223333:group/ci",
        "minters, 111122223333, 111122223333"
    })
    void rejectsInvalidValues(String key, String value, String named) {
        assertRejected(() -> synthesis(Map.of(key, value)), "'" + key + "'", named);
    }

    @Test
    void documentStatesTheDefaults() throws IOException {
        Map<String, Object> defaults = new TreeMap<>();
        documented("Key").forEach((key, cells) -> {
            Matcher value = VALUE.matcher(cells.get(2));
            if (value.lookingAt()) {
                defaults.put(key, value.group(1));
            }
        });

        assertEquals(Set.of("urlAuth", "dashboard"), defaults.keySet());
        assertEquals(synthesis(Map.of()).text(), synthesis(defaults).text());
    }

    @Test
    void documentListsExactlyTheOutputs() throws IOException {
        Set<Object> outputs = new TreeSet<>(synthesis(Map.of()).outputs());
        outputs.addAll(synthesis(Map.of("urlAuth", "token")).outputs());

        assertEquals(outputs, documented("Output").keySet());
    }

    /** Returns the rows of the table with this first heading, by the names in the first column. */
    private static Map<String, List<String>> documented(String heading) throws IOException {
        Map<String, List<String>> rows = new TreeMap<>();
        Files.readString(Path.of("../docs/deploy.md"))
                .lines()
                .dropWhile(line -> !line.startsWith("| " + heading + " |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .forEach(line -> {
                    List<String> cells = List.of(line.substring(2).split(" \\|(?: |$)", -1));
                    VALUE.matcher(cells.get(0)).results().forEach(name -> rows.put(name.group(1), cells));
                });
        return rows;
    }
}
