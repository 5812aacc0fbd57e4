package io.github.spotspec.function.rotation;

import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeSts;
import io.github.spotspec.function.runtime.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Secrets Manager with one secret, IAM with one user, and STS, as far as a rotation needs them. */
final class FakeAccount implements SdkHttpClient {
    static final String USER = "operator";

    /** The message of every error. */
    static final String ERROR_MESSAGE = "message of AWS";

    final Map<String, String> values = new TreeMap<>();
    final Map<String, Set<String>> stages = new TreeMap<>();
    final Map<String, String> keys = new LinkedHashMap<>();
    final List<String> actions = new ArrayList<>();

    private final Set<String> failing = new HashSet<>();
    private final Set<String> losing = new HashSet<>();
    private int maxKeys;
    private int createdKeys;
    private int rejections;
    private String arn = "arn:aws:iam::111122223333:user/" + USER;

    /** Creates an account whose user has one key, which is in the secret. */
    FakeAccount() {
        values.put(
                "first",
                Json.text(Map.of(
                        "accessKeyId",
                        "AKIAFIRST",
                        "secretAccessKey",
                        "secret-of-AKIAFIRST",
                        "serialNumber",
                        "arn:aws:iam::111122223333:mfa/operator",
                        "userData",
                        "IyEvYmluL3No")));
        stages.put("first", new TreeSet<>(Set.of("AWSCURRENT")));
        addKey("AKIAFIRST", "secret-of-AKIAFIRST");
    }

    /** Starts a rotation, as Secrets Manager does before the first step. */
    void beginRotation(String version) {
        stages.values().forEach(stage -> stage.remove("AWSPENDING"));
        stages.put(version, new TreeSet<>(Set.of("AWSPENDING")));
    }

    /** Fails the next call of an action. */
    void failNext(String action) {
        failing.add(action);
    }

    /** Carries out the next call of an action, and loses the response. */
    void loseResponseOf(String action) {
        losing.add(action);
    }

    /** Rejects keys a number of times. */
    void rejectKeys(int times) {
        rejections = times;
    }

    /** Sets the ARN that STS returns for keys. */
    void setCallerArn(String other) {
        arn = other;
    }

    int maxKeysAtATime() {
        return maxKeys;
    }

    @Nullable
    String versionAt(String stage) {
        return stages.entrySet().stream()
                .filter(entry -> entry.getValue().contains(stage))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    Map<?, ?> current() {
        return (Map<?, ?>)
                Objects.requireNonNull(Json.parse(Objects.requireNonNull(values.get(versionAt("AWSCURRENT")))));
    }

    void addKey(String id, String secret) {
        keys.put(id, secret);
        maxKeys = Math.max(maxKeys, keys.size());
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() {
                AwsResponse response = respond(request);
                return HttpExecuteResponse.builder()
                        .response(SdkHttpResponse.builder()
                                .statusCode(response.status())
                                .build())
                        .responseBody(AbortableInputStream.create(
                                new ByteArrayInputStream(response.body().getBytes(StandardCharsets.UTF_8))))
                        .build();
            }

            @Override
            public void abort() {
                // Nothing to abort: calls complete at once.
            }
        };
    }

    @Override
    public void close() {
        // Nothing to close.
    }

    private AwsResponse respond(HttpExecuteRequest request) {
        String body = request.contentStreamProvider()
                .map(content -> {
                    try {
                        return new String(content.newStream().readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElse("");
        String target =
                request.httpRequest().firstMatchingHeader("X-Amz-Target").orElse("");
        boolean json = !target.isEmpty();
        Map<String, String> form = json ? Map.of() : form(body);
        String action = json ? target.substring(target.indexOf('.') + 1) : String.valueOf(form.get("Action"));
        actions.add(action);
        if (failing.remove(action)) {
            return error(json, 400, "Refused");
        }
        AwsResponse response =
                json ? secret(action, (Map<?, ?>) Objects.requireNonNull(Json.parse(body))) : query(action, form);
        return losing.remove(action) ? error(json, 400, "Lost") : response;
    }

    private AwsResponse secret(String action, Map<?, ?> input) {
        return switch (action) {
            case "DescribeSecret" -> {
                Map<String, Object> all = new LinkedHashMap<>();
                stages.forEach((version, of) -> all.put(version, List.copyOf(of)));
                yield new AwsResponse(200, Json.text(Map.of("ARN", "arn", "VersionIdsToStages", all)));
            }
            case "GetSecretValue" -> {
                Object stage = input.get("VersionStage");
                Object asking = input.get("VersionId");
                String version = asking == null ? versionAt(String.valueOf(stage)) : String.valueOf(asking);
                String value = version == null ? null : values.get(version);
                yield value == null
                                || !Objects.requireNonNull(stages.get(version)).contains(stage)
                        ? error(true, 400, "ResourceNotFoundException")
                        : new AwsResponse(200, Json.text(Map.of("ARN", "arn", "SecretString", value)));
            }
            case "PutSecretValue" -> {
                String version = String.valueOf(input.get("ClientRequestToken"));
                String before = values.putIfAbsent(version, String.valueOf(input.get("SecretString")));
                if (before != null && !before.equals(input.get("SecretString"))) {
                    yield error(true, 400, "ResourceExistsException");
                }
                yield new AwsResponse(200, "{}");
            }
            case "UpdateSecretVersionStage" -> {
                String stage = String.valueOf(input.get("VersionStage"));
                String from = String.valueOf(input.get("RemoveFromVersionId"));
                Objects.requireNonNull(stages.get(from)).remove(stage);
                if (input.get("MoveToVersionId") instanceof String to) {
                    Objects.requireNonNull(stages.get(to)).add(stage);
                    stages.values().forEach(of -> of.remove("AWSPREVIOUS"));
                    Objects.requireNonNull(stages.get(from)).add("AWSPREVIOUS");
                }
                yield new AwsResponse(200, "{}");
            }
            default -> throw new AssertionError(action);
        };
    }

    private AwsResponse query(String action, Map<String, String> form) {
        if (!action.equals("GetCallerIdentity") && !USER.equals(form.get("UserName"))) {
            throw new AssertionError(action + " for " + form.get("UserName"));
        }
        return switch (action) {
            case "ListAccessKeys" -> {
                StringBuilder members = new StringBuilder();
                keys.keySet()
                        .forEach(id ->
                                members.append("<member>" + AwsResponse.element("AccessKeyId", id) + "</member>"));
                yield result(action, "<AccessKeyMetadata>" + members + "</AccessKeyMetadata>");
            }
            case "CreateAccessKey" -> {
                if (keys.size() >= 2) {
                    yield error(false, 409, "LimitExceeded");
                }
                String id = "AKIAMADE" + ++createdKeys;
                addKey(id, "secret-of-" + id);
                yield result(
                        action,
                        "<AccessKey>" + AwsResponse.element("AccessKeyId", id)
                                + AwsResponse.element("SecretAccessKey", "secret-of-" + id) + "</AccessKey>");
            }
            case "DeleteAccessKey" ->
                keys.remove(form.get("AccessKeyId")) == null ? error(false, 404, "NoSuchEntity") : result(action, "");
            case "GetCallerIdentity" ->
                rejections-- > 0
                        ? error(false, 403, "InvalidClientTokenId")
                        : result(action, AwsResponse.element("Arn", arn));
            default -> throw new AssertionError(action);
        };
    }

    private static AwsResponse result(String action, String content) {
        return new AwsResponse(
                200,
                "<" + action + "Response><" + action + "Result>" + content + "</" + action + "Result></" + action
                        + "Response>");
    }

    private static AwsResponse error(boolean json, int status, String code) {
        return json
                ? new AwsResponse(status, "{\"__type\":\"" + code + "\",\"message\":\"" + ERROR_MESSAGE + "\"}")
                : FakeSts.error(status, code, ERROR_MESSAGE);
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new TreeMap<>();
        for (String pair : body.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            form.put(parts[0], URLDecoder.decode(parts.length == 2 ? parts[1] : "", StandardCharsets.UTF_8));
        }
        return form;
    }
}
