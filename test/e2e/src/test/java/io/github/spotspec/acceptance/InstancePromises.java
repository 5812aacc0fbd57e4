package io.github.spotspec.acceptance;

import static io.github.spotspec.acceptance.Result.of;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.util.List;
import java.util.Map;

/** What the service promises about launches and the instances that it launched. */
final class InstancePromises {
    private static final String KEY = "first";

    private InstancePromises() {}

    static List<Promise> all() {
        return List.of(
                new Promise("A launch is a dry run unless told otherwise", run -> {
                    Answer answer = run.ask("launch", "types", List.of(AcceptanceApp.TYPE))
                            .ok();
                    return of(
                            answer.json().path("meta").has("candidates")
                                    && answer.json().path("data").isEmpty(),
                            answer.words());
                }),
                new Promise("A launch launches a Spot Instance that runs", run -> {
                    Answer answer = launch(run, KEY, 1).ok();
                    run.launched(id(answer));
                    return of(run.state(run.instance()).equals("running"), answer.words());
                }),
                new Promise("The same request with its key launches nothing more", run -> {
                    Answer answer = launch(run, KEY, 1).ok();
                    return of(id(answer).equals(run.instance()), answer.words());
                }),
                new Promise(
                        "Another request with the key is rejected",
                        run -> RequestPromises.rejected("IdempotencyConflict", launch(run, KEY, 2))),
                new Promise("The task end ends it, and says that nothing is left", run -> {
                    Answer answer = run.ask("end", "instanceIds", List.of(run.instance()))
                            .ok();
                    return of(answer.json().path("meta").path("left").asInt() == 0, answer.words());
                }));
    }

    private static Answer launch(Run run, String key, int count) throws Exception {
        return run.ask(
                "launch",
                "types",
                List.of(AcceptanceApp.TYPE),
                "count",
                count,
                "idempotencyKey",
                key,
                "tags",
                Map.of(Run.TAG, run.id()),
                "waitRunning",
                true,
                "dryRun",
                false);
    }

    private static String id(Answer answer) {
        JsonNode row = answer.json().path("data").path(0);
        return row.path("InstanceId").asText();
    }
}
