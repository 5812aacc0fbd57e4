package io.github.spotspec.acceptance;

import static io.github.spotspec.acceptance.Result.answered;

import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What the service promises about requests: who may send them, and what needs an MFA code. */
final class RequestPromises {
    private static final List<String> TYPES = List.of(AcceptanceApp.TYPE);

    private RequestPromises() {}

    static List<Promise> all() {
        return List.of(
                new Promise("The URL answers a granted caller with prices", RequestPromises::price),
                new Promise("How long five answers take from here", RequestPromises::times),
                new Promise("An unsigned request gets AWS's 403, and no answer of the service", run -> {
                    Answer answer = run.askUnsigned("price", "types", TYPES);
                    return Result.of(answer.status() == 403 && answer.error().isEmpty(), answer.words());
                }),
                new Promise("A principal without a grant gets AWS's 403, and no answer of the service", run -> {
                    Answer answer = run.askAs(run.role("stranger"), "price", "types", TYPES);
                    return Result.of(answer.status() == 403 && answer.error().isEmpty(), answer.words());
                }),
                new Promise(
                        "A dry run of a launch without a code is rejected",
                        run -> rejected("MfaRequired", run.askWithoutSession("launch", "types", TYPES))),
                new Promise("IAM enables an MFA device with two codes", run -> {
                    String serial = run.operatorSecret().path("serialNumber").asText();
                    run.enrolled(Device.enrol(run, run.output("OperatorName"), serial));
                    return Result.held("");
                }),
                new Promise(
                        "A wrong code is rejected",
                        run -> rejected(
                                "MfaRejected",
                                run.ask("status", "mfaCode", run.device().wrongCode()))),
                new Promise("A code opens a session, and opens no second one", RequestPromises::session),
                new Promise(
                        "A type that the deployment does not allow is rejected",
                        run -> rejected(
                                "TypeNotAllowed", run.ask("launch", "types", List.of(AcceptanceApp.OTHER_TYPE)))));
    }

    static Result rejected(String code, Answer answer) {
        return Result.of(answer.error().equals(code), answer.words());
    }

    /**
     * A new role can call the URL, and the service can use a new key, only when IAM shows them everywhere. The first
     * rotation, which the deployment starts, makes a key.
     */
    private static Result price(Run run) throws Exception {
        Answer[] last = new Answer[1];
        Instant start = Instant.now();
        boolean answered = Wait.until(Wait.IAM, () -> {
            last[0] = run.ask("price", "types", TYPES);
            return last[0].status() != 403 && !last[0].error().equals("OperatorRejected");
        });
        Answer answer = last[0];
        int pools = answer.json().path("data").size();
        int priced = answer.json().path("data").findValues("SpotPrice").size();
        return answered && pools > 0 && priced == pools
                ? Result.held(pools + " pools, "
                        + Duration.between(start, Instant.now()).toSeconds() + " s after the first request")
                : Result.notHeld(answer.words());
    }

    private static Result times(Run run) throws Exception {
        StringBuilder times = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            Instant start = Instant.now();
            run.ask("status").ok();
            times.append(i == 0 ? "" : ", ")
                    .append(Duration.between(start, Instant.now()).toMillis());
        }
        return answered(times + " ms, with the network");
    }

    private static Result session(Run run) throws Exception {
        Answer[] opened = new Answer[1];
        String code = run.device().use(tried -> {
            // Longer than any run, because a session cannot be renewed without another code.
            opened[0] = run.ask("status", "mfaCode", tried, "durationSeconds", 4 * 3_600);
            return !opened[0].error().equals("MfaRejected");
        });
        String session = opened[0].json().path("meta").path("session").asText();
        if (code == null || session.isEmpty()) {
            return Result.notHeld(opened[0].words());
        }
        run.session(session);
        return rejected("MfaRejected", run.ask("status", "mfaCode", code));
    }
}
