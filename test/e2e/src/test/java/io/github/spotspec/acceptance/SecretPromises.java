package io.github.spotspec.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;

/** What the service promises about tokens, secrets and their rotation, and what it relies on in Secrets Manager. */
final class SecretPromises {
    /** The promise, and how long to look. An answer can come late. */
    private static final Duration REVOKED = Duration.ofMinutes(1);

    private static final Duration LOOKING = REVOKED.plusSeconds(30);
    private static final Duration ROTATION = Duration.ofMinutes(5);
    private static final String LABEL = "acceptance";

    private SecretPromises() {}

    /** Returns what takes a while, so that other promises are checked meanwhile. */
    static List<Promise> first() {
        return List.of(
                new Promise("A minted token is accepted, and the minter accepts its revocation", SecretPromises::token),
                new Promise("Secrets Manager starts a rotation", SecretPromises::startRotation));
    }

    static List<Promise> all() {
        return List.of(
                new Promise("A token does not cover other tasks", run -> {
                    String token = run.mint("{\"tasks\":[\"price\"],\"life\":\"10m\"}")
                            .path("token")
                            .asText();
                    price(run, token).ok();
                    return RequestPromises.rejected(
                            "ScopeExceeded", run.askWithToken(token, "history", "types", InstancePromises.types()));
                }),
                new Promise("A put with a label of its own leaves AWSCURRENT where it is", SecretPromises::label),
                new Promise("A version's id cannot get another value", SecretPromises::versionId),
                new Promise(
                        "A rotation changes the operator's key; the service and the previous key go on working",
                        SecretPromises::rotation),
                new Promise("A revoked token is not accepted after a minute", Run::revocation));
    }

    private static Answer price(Run run, String token) throws Exception {
        return run.askWithToken(token, "price", "types", InstancePromises.types());
    }

    /** Revokes the token at once. Whether it is rejected in time is watched while other checks go on. */
    private static Result token(Run run) throws Exception {
        JsonNode minted = run.mint("{\"tasks\":[\"price\"],\"life\":\"1h\"}");
        String token = minted.path("token").asText();
        Answer accepted = price(run, token);
        if (accepted.status() != 200) {
            return Result.notHeld(
                    accepted.words() + " " + minted.path("errorMessage").asText());
        }
        JsonNode revoked =
                run.mint("{\"revoke\":\"%s\"}".formatted(minted.path("id").asText()));
        Instant since = Instant.now();
        run.revoked(new FutureTask<>(() -> revocation(run, token, since)));
        return Result.of(
                !revoked.has("errorMessage"), revoked.path("errorMessage").asText());
    }

    /** Uses a revoked token until it is rejected. */
    private static Result revocation(Run run, String token, Instant since) throws Exception {
        Instant[] accepted = {since};
        boolean rejected = Wait.until(LOOKING, () -> {
            Instant asked = Instant.now();
            Answer answer = price(run, token);
            if (answer.status() == 200) {
                accepted[0] = asked;
            }
            return answer.error().equals("TokenRejected");
        });
        String words = "accepted for " + Duration.between(since, accepted[0]).toSeconds() + " s, "
                + (rejected ? "rejected after " : "not rejected after ")
                + Duration.between(since, Instant.now()).toSeconds() + " s";
        return rejected && Duration.between(since, accepted[0]).compareTo(REVOKED) <= 0
                ? Result.held(words)
                : Result.notHeld(words);
    }

    private static String current(SecretsManagerClient secrets, String id) {
        return secrets.describeSecret(request -> request.secretId(id)).versionIdsToStages().entrySet().stream()
                .filter(version -> version.getValue().contains("AWSCURRENT"))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /** Uses the operator's secret of the service with tokens, which is not rotated. */
    private static Result label(Run run) throws Exception {
        SecretsManagerClient secrets = run.account().secrets();
        String id = run.output("TokenSecretName");
        String value = secrets.getSecretValue(request -> request.secretId(id)).secretString();
        String before = current(secrets, id);
        secrets.putSecretValue(
                request -> request.secretId(id).secretString(value + " ").versionStages(LABEL));
        return Result.of(
                run.stays(() -> current(secrets, id).equals(before)),
                "AWSCURRENT moved from " + before + " to " + current(secrets, id));
    }

    private static Result versionId(Run run) {
        SecretsManagerClient secrets = run.account().secrets();
        String id = run.output("TokenSecretName");
        String version = UUID.randomUUID().toString();
        secrets.putSecretValue(request -> request.secretId(id)
                .clientRequestToken(version)
                .secretString("{\"one\":1}")
                .versionStages(LABEL));
        try {
            secrets.putSecretValue(request -> request.secretId(id)
                    .clientRequestToken(version)
                    .secretString("{\"two\":2}")
                    .versionStages(LABEL));
            return Result.notHeld("Secrets Manager accepts the second value");
        } catch (ResourceExistsException e) {
            return Result.held("");
        }
    }

    /**
     * Starts a rotation, which goes on while other promises are checked. The deployment may have started one before.
     */
    private static Result startRotation(Run run) throws Exception {
        Exception[] refused = {new IllegalStateException("another rotation goes on")};
        boolean started = Wait.until(ROTATION, () -> {
            // Otherwise it may end after the key was read, and the next one deletes this key.
            if (rotates(run)) {
                return false;
            }
            try {
                run.rotating(run.operatorSecret());
                run.account().secrets().rotateSecret(request -> request.secretId(run.output("SecretName")));
                return true;
            } catch (InvalidRequestException unfinished) {
                refused[0] = unfinished;
                return false;
            }
        });
        return started ? Result.held("") : Result.notHeld(Promise.words(refused[0]));
    }

    /** Returns whether a rotation has made a version that is not the current one yet. */
    private static boolean rotates(Run run) {
        return run
                .account()
                .secrets()
                .describeSecret(request -> request.secretId(run.output("SecretName")))
                .versionIdsToStages()
                .values()
                .stream()
                .anyMatch(stages -> stages.contains("AWSPENDING") && !stages.contains("AWSCURRENT"));
    }

    private static Result rotation(Run run) throws Exception {
        JsonNode before = run.keyBeforeRotation();
        boolean rotated = Wait.until(
                ROTATION, () -> !run.operatorSecret().path("accessKeyId").equals(before.path("accessKeyId")));
        if (!rotated) {
            return Result.notHeld("the key is the same after " + ROTATION.toMinutes() + " minutes");
        }
        try (var sts = run.account().sts(Run.key(before))) {
            sts.getCallerIdentity();
        }
        // Not in the function's memory yet, so that EC2 is asked.
        Answer answer = run.ask("history", "types", InstancePromises.types());
        return Result.of(answer.status() == 200, answer.words());
    }
}
