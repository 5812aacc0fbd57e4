package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the app of {@code cdk.json} makes of its context. */
final class SpotAppTest {
    private static final String CI = "arn:aws:iam::111122223333:role/ci";
    private static final String ANN = "arn:aws:iam::111122223333:user/ann";

    private static Synthesis synthesis(Map<String, Object> context) {
        return Synthesis.of(SpotApp.stack(Synthesis.app(context)));
    }

    @Test
    void invokersMayCallTheUrlAndNothingMakesTokens() {
        Synthesis app = synthesis(Map.of("invokers", CI));

        assertEquals("AWS_IAM", app.only("AWS::Lambda::Url").get("AuthType"));
        assertEquals(
                Map.of("lambda:InvokeFunctionUrl", CI, "lambda:InvokeFunction", CI),
                app.all("AWS::Lambda::Permission").stream()
                        .filter(permission ->
                                permission.get("FunctionName").toString().contains("SpotFunctionAliaslive"))
                        .collect(Collectors.toMap(
                                permission -> permission.get("Action"), permission -> permission.get("Principal"))));
        assertFalse(app.outputs().contains("MinterName"));
    }

    @Test
    void mintersMayInvokeTheMinterAndTheOutputsShowHow() {
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
                        + " --cli-binary-format raw-in-base64-out"
                        + " --payload '{\"tasks\":[\"price\"],\"life\":\"10m\"}' /dev/stdout",
                app.output("MakeToken"));
    }

    @ParameterizedTest
    @CsvSource({"token, 86400", "token:90m, 5400", "token:7d, 604800"})
    void aTokenMayLastADayOrAsLongAsIsSaid(String urlAuth, int seconds) {
        assertEquals(
                seconds,
                synthesis(Map.of("urlAuth", urlAuth))
                        .settings("SpotMinterFunction")
                        .get("longestLife"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tokens | 'urlAuth' must be iam, token, or token and how long one may last such as token:12h, got tokens",
                "token: | 'urlAuth' must be iam, token, or token and how long one may last such as token:12h, got token:",
                "token:12 | 'urlAuth' must be iam, token, or token and how long one may last such as token:12h, got token:12",
                "iam,token | 'urlAuth' must be iam, token, or token and how long one may last such as token:12h, got iam,token",
                "token:8d | 'longestLife' must be whole seconds from 1 minute to 7 days, got 8 days"
            })
    void howCallersSayWhoTheyAreMustBeKnown(String urlAuth, String message) {
        refused(message, Map.of("urlAuth", urlAuth));
    }

    @Test
    void whoMayDoWhatTheUrlDoesNotTakeIsRefused() {
        refused(
                "'invokers' means nothing with 'urlAuth' token, where nobody signs requests; name who may make tokens, as"
                        + " 'minters'",
                Map.of("urlAuth", "token", "invokers", CI, "minters", CI));
        for (Map<String, Object> signed : List.of(
                Map.<String, Object>of("minters", CI), Map.<String, Object>of("urlAuth", "iam", "minters", CI))) {
            refused(
                    "'minters' needs 'urlAuth' token; the URL takes signed requests, so name who may call it, as 'invokers'",
                    signed);
        }
    }

    private static void refused(String message, Map<String, Object> context) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> SpotApp.stack(Synthesis.app(context)))
                        .getMessage());
    }
}
