package io.github.spotspec.function.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why a request failed. The error code is stable, so callers may branch on it. The message next to it may change. */
public enum ErrorCode {
    /** The body is not one JSON object, is nested too deeply, or has a duplicate key. */
    INVALID_JSON("InvalidJson", 400),
    /** Each field is well formed, but they contradict each other or match nothing; or the envelope is malformed. */
    INVALID_REQUEST("InvalidRequest", 400),
    /** {@code task} is not the name of a task. */
    UNKNOWN_TASK("UnknownTask", 400),
    /** The request has a field that the task does not know. */
    UNKNOWN_FIELD("UnknownField", 400),
    /** A required field is missing. */
    MISSING_FIELD("MissingField", 400),
    /** A field's value is of the wrong type, out of range or malformed. */
    INVALID_VALUE("InvalidValue", 400),
    /** The request names fewer than three types, for which EC2 gives no meaningful placement score. */
    TOO_FEW_TYPES("TooFewTypes", 400),
    /** More types match the requirements than one request may ask for. */
    TOO_MANY_TYPES("TooManyTypes", 400),
    /** The request needs more EC2 calls than one request may make. */
    TOO_MANY_CALLS("TooManyCalls", 400),
    /** The maximum price is above the on-demand price, at which an instance without interruptions is available. */
    PRICE_ABOVE_ON_DEMAND("PriceAboveOnDemand", 400),
    /** The maximum price is below the spot price of every requested pool. */
    PRICE_BELOW_SPOT("PriceBelowSpot", 400),
    /** EC2 does not know the requested instance types. */
    UNKNOWN_TYPE("UnknownType", 400),
    /** EC2 rejected a value that this service considered well formed. */
    EC2_REFUSED("Ec2Refused", 400),
    /** The URL requires tokens, and the request has none. */
    TOKEN_MISSING("TokenMissing", 401),
    /** The token has expired, was revoked, or does not belong to this deployment. */
    TOKEN_REJECTED("TokenRejected", 401),
    /** The task needs MFA, and the request has neither a code nor a session. */
    MFA_REQUIRED("MfaRequired", 401),
    /** STS rejected the MFA code. */
    MFA_REJECTED("MfaRejected", 401),
    /** The session has expired, belongs to another caller, or does not belong to this deployment. */
    SESSION_REJECTED("SessionRejected", 401),
    /** The event does not name the caller. AWS adds the caller to a signed request. */
    CALLER_UNKNOWN("CallerUnknown", 403),
    /** The deployment allows this, but the token does not cover it. */
    SCOPE_EXCEEDED("ScopeExceeded", 403),
    /** The deployment does not allow the region. */
    REGION_NOT_ALLOWED("RegionNotAllowed", 403),
    /** The deployment does not allow the task. */
    TASK_NOT_ALLOWED("TaskNotAllowed", 403),
    /** The deployment does not allow the instance type. */
    TYPE_NOT_ALLOWED("TypeNotAllowed", 403),
    /** The deployment does not allow the image or its owner. */
    IMAGE_NOT_ALLOWED("ImageNotAllowed", 403),
    /** The deployment does not allow the subnet. */
    SUBNET_NOT_ALLOWED("SubnetNotAllowed", 403),
    /** The deployment does not allow the security group. */
    SECURITY_GROUP_NOT_ALLOWED("SecurityGroupNotAllowed", 403),
    /** The deployment does not allow the key pair. */
    KEY_PAIR_NOT_ALLOWED("KeyPairNotAllowed", 403),
    /** The maximum price is above the deployment's. */
    PRICE_NOT_ALLOWED("PriceNotAllowed", 403),
    /** The lease is longer than the deployment's maximum. */
    LEASE_NOT_ALLOWED("LeaseNotAllowed", 403),
    /** A volume is outside the deployment's limits for volumes. */
    VOLUME_NOT_ALLOWED("VolumeNotAllowed", 403),
    /** The metadata hop limit is above the deployment's maximum. */
    METADATA_HOP_LIMIT_NOT_ALLOWED("MetadataHopLimitNotAllowed", 403),
    /** The deployment does not fall back to on-demand instances. */
    ON_DEMAND_NOT_ALLOWED("OnDemandNotAllowed", 403),
    /** The deployment does not allow logins as this user. */
    OS_USER_NOT_ALLOWED("OsUserNotAllowed", 403),
    /** The account lacks EC2's service-linked role for Spot, and the operator may not create it. */
    SPOT_ROLE_MISSING("SpotRoleMissing", 403),
    /** IAM does not allow the operator to do this. */
    NOT_AUTHORIZED("NotAuthorized", 403),
    /** The path does not exist. */
    NOT_FOUND("NotFound", 404),
    /** No requested region has a managed resource with these ids. */
    ID_NOT_FOUND("IdNotFound", 404),
    /** The path does not support the HTTP method. */
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    /** The idempotency key was used for a different request, or its instances have ended. */
    IDEMPOTENCY_CONFLICT("IdempotencyConflict", 409),
    /** The instance has ended. */
    INSTANCE_ENDED("InstanceEnded", 409),
    /** The instance does not run yet, or EC2 cannot reach it now. */
    INSTANCE_NOT_READY("InstanceNotReady", 409),
    /** The lease would end earlier than it does now, and the request does not ask for that. */
    LEASE_SHORTER("LeaseShorter", 409),
    /** The launch would exceed the number of instances that the deployment allows. */
    TOO_MANY_INSTANCES("TooManyInstances", 409),
    /** The living instances and those of the launch could cost more than the deployment or the token allows. */
    BUDGET_EXCEEDED("BudgetExceeded", 409),
    /** The account's own quota of Spot Instances or vCPUs is used up. */
    ACCOUNT_LIMIT("AccountLimit", 409),
    /** The list of individually revoked tokens would become too long. */
    TOO_MANY_REVOKED("TooManyRevoked", 409),
    /** The body is larger than 64 KiB. */
    BODY_TOO_LARGE("BodyTooLarge", 413),
    /** The answer would be larger than Lambda can return. */
    ANSWER_TOO_LARGE("AnswerTooLarge", 413),
    /** EC2 limits the rate of calls. The same request may succeed in a few seconds. */
    THROTTLED("Throttled", 429),
    /** EC2 calculates only a limited number of new placement scores per day. */
    SCORE_LIMIT("ScoreLimit", 429),
    /** The service itself failed. */
    INTERNAL("Internal", 500),
    /** The operator's secret cannot be read or is malformed. */
    SECRET_UNREADABLE("SecretUnreadable", 502),
    /** AWS rejected the operator's key, even after the function read the secret again. */
    OPERATOR_REJECTED("OperatorRejected", 502),
    /** The operator has no MFA device, or its secret does not name the device. */
    MFA_NOT_ENROLLED("MfaNotEnrolled", 502),
    /** STS failed or could not be reached. It is unknown whether it accepted the code. */
    MFA_UNAVAILABLE("MfaUnavailable", 502),
    /** EC2 failed or could not be reached. */
    EC2_UNAVAILABLE("Ec2Unavailable", 502),
    /** The on-demand price could not be determined. */
    PRICE_UNAVAILABLE("PriceUnavailable", 502),
    /** No requested pool has capacity now. */
    NO_CAPACITY("NoCapacity", 503),
    /** The request timed out before EC2 answered, or before a long answer was written. */
    TIMED_OUT("TimedOut", 504);

    private final String code;
    private final int status;

    ErrorCode(String word, int status) {
        this.code = word;
        this.status = status;
    }

    /** Returns the stable error code, as in the answer's {@code error}. */
    public String code() {
        return code;
    }

    /**
     * Returns whether a message with this error code may repeat values from the request, which only the caller should
     * read. If not, the message describes what AWS, the account or the service itself cannot do, so it may be logged.
     */
    public boolean mayEchoRequest() {
        return switch (this) {
            case TOO_MANY_CALLS,
                    INTERNAL,
                    SECRET_UNREADABLE,
                    OPERATOR_REJECTED,
                    MFA_REJECTED,
                    MFA_NOT_ENROLLED,
                    MFA_UNAVAILABLE,
                    NOT_AUTHORIZED,
                    SPOT_ROLE_MISSING,
                    ACCOUNT_LIMIT,
                    SCORE_LIMIT,
                    THROTTLED,
                    EC2_UNAVAILABLE,
                    PRICE_UNAVAILABLE,
                    TIMED_OUT -> false;
            default -> true;
        };
    }

    /**
     * Returns how long to wait before the same request may succeed, or null if waiting does not help. The request has
     * changed nothing so far. EC2's capacity often changes within minutes. After one minute, EC2's rate limit for
     * launches has recovered from the tries of the request before.
     */
    public @Nullable Duration retryAfter() {
        return switch (this) {
            case THROTTLED -> Duration.ofSeconds(5);
            case NO_CAPACITY -> Duration.ofMinutes(1);
            default -> null;
        };
    }

    /**
     * Returns whether the people who run the service should investigate, because neither the request nor the market is
     * the cause. {@link #TIMED_OUT} is not a fault because the request may be too large for its time.
     */
    public boolean isFault() {
        return switch (this) {
            case SPOT_ROLE_MISSING -> true;
            case NO_CAPACITY, TIMED_OUT -> false;
            default -> status >= 500;
        };
    }

    /** Returns whether the operator's secret is the cause, so that reading it again may help. */
    public boolean isOperatorSecretFault() {
        return this == OPERATOR_REJECTED || this == MFA_NOT_ENROLLED;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }
}
