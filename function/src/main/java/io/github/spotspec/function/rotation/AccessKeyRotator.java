package io.github.spotspec.function.rotation;

import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.AccessKeyMetadata;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * Rotates the access keys of the operator. The operator has at most two: the one in use, and either the previous or the
 * next one. The previous key is deleted when the next one is created. So requests that still use it, and other
 * functions that cache it for some minutes, never use a deleted key. To delete a key at once, rotate twice.
 * Thread-safe.
 */
final class AccessKeyRotator implements SecretRotator {
    /** How many successes in a row are required, because a new key works in some parts of AWS sooner than in others. */
    private static final int REQUIRED_SUCCESSES = 3;

    private static final Duration TEST_INTERVAL = Duration.ofSeconds(2);

    private final IamClient iam;
    private final StsClient sts;
    private final String user;

    /**
     * Creates a rotator for the keys of a user.
     *
     * @param user the name of an IAM user without a path
     */
    AccessKeyRotator(IamClient iam, StsClient sts, String user) {
        this.iam = iam;
        this.sts = sts;
        this.user = user;
    }

    /**
     * Creates a key. Deletes all keys but the current one first: the previous one, or one that an earlier attempt left.
     */
    @Override
    public String create(String current) {
        Map<String, Object> document = new LinkedHashMap<>();
        object(current).forEach((name, value) -> document.put(String.valueOf(name), value));
        for (String id : ids()) {
            if (!id.equals(document.get("accessKeyId"))) {
                delete(id);
            }
        }
        AccessKey created =
                iam.createAccessKey(request -> request.userName(user)).accessKey();
        document.put("accessKeyId", created.accessKeyId());
        document.put("secretAccessKey", created.secretAccessKey());
        return Json.text(document);
    }

    @Override
    public boolean isUsable(String pending) {
        return ids().contains(text(object(pending), "accessKeyId"));
    }

    /** Waits until STS has confirmed several times in a row that the key belongs to the user. */
    @Override
    public void test(String pending, Deadline deadline) {
        Map<?, ?> document = object(pending);
        StaticCredentialsProvider key = StaticCredentialsProvider.create(
                AwsBasicCredentials.create(text(document, "accessKeyId"), text(document, "secretAccessKey")));
        for (int inARow = 0; inARow < REQUIRED_SUCCESSES; ) {
            if (deadline.isOver()) {
                throw new RotationException("The new access key does not work yet; the current key stays in use.");
            }
            inARow = works(key, deadline) ? inARow + 1 : 0;
            if (inARow < REQUIRED_SUCCESSES) {
                deadline.sleep(TEST_INTERVAL);
            }
        }
    }

    private boolean works(StaticCredentialsProvider key, Deadline deadline) {
        String arn;
        try {
            arn = sts.getCallerIdentity(request -> request.overrideConfiguration(
                            call -> call.credentialsProvider(key).apiCallTimeout(deadline.remainingForLastCall())))
                    .arn();
        } catch (SdkException e) {
            return false;
        }
        if (!arn.endsWith(":user/" + user)) {
            throw new RotationException("The new access key belongs to " + arn + ", not to the operator.");
        }
        return true;
    }

    private List<String> ids() {
        return iam.listAccessKeys(request -> request.userName(user)).accessKeyMetadata().stream()
                .map(AccessKeyMetadata::accessKeyId)
                .toList();
    }

    private void delete(String id) {
        try {
            iam.deleteAccessKey(request -> request.userName(user).accessKeyId(id));
        } catch (NoSuchEntityException e) {
            // Another invocation already deleted it.
        }
    }

    private static Map<?, ?> object(String value) {
        try {
            if (Json.parse(value) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (JsonException notJson) {
            throw malformed();
        }
        throw malformed();
    }

    private static String text(Map<?, ?> document, String name) {
        if (document.get(name) instanceof String text) {
            return text;
        }
        throw malformed();
    }

    private static RotationException malformed() {
        return new RotationException(
                "The operator's secret is not a JSON object with 'accessKeyId' and 'secretAccessKey'.");
    }
}
