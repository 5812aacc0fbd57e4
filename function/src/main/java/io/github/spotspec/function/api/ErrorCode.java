package io.github.spotspec.function.api;

/**
 * Why a request was not carried out. The word is stable: callers may branch on it, the sentence beside it may change.
 */
public enum ErrorCode {
    /** The body is not one JSON object, is nested too deeply, or names a key twice. */
    INVALID_JSON("InvalidJson", 400),
    /** Fields that are well formed alone contradict each other or fit nothing, or the envelope is not of its form. */
    INVALID_REQUEST("InvalidRequest", 400),
    /** {@code task} names nothing that this deployment does. */
    UNKNOWN_TASK("UnknownTask", 400),
    /** A field that the task does not know. */
    UNKNOWN_FIELD("UnknownField", 400),
    /** A field that the task cannot do without. */
    MISSING_FIELD("MissingField", 400),
    /** A field whose value is of the wrong type, out of range or malformed. */
    INVALID_VALUE("InvalidValue", 400),
    /** Fewer than three types, for which EC2 gives no meaningful placement score. */
    TOO_FEW_TYPES("TooFewTypes", 400),
    /** More types fit what is needed than one request may ask for. */
    TOO_MANY_TYPES("TooManyTypes", 400),
    /** What is asked takes more calls of EC2 than one request may make. */
    TOO_MANY_CALLS("TooManyCalls", 400),
    /** The maximum price is above the on-demand price, for which one could have the instance for good. */
    PRICE_ABOVE_ON_DEMAND("PriceAboveOnDemand", 400),
    /** The maximum price is below the spot price of every pool that was asked for. */
    PRICE_BELOW_SPOT("PriceBelowSpot", 400),
    /** EC2 does not know the instance types that were asked for. */
    UNKNOWN_TYPE("UnknownType", 400),
    /** EC2 found fault with a value that looked well formed here. */
    EC2_REFUSED("Ec2Refused", 400),
    /** The URL takes tokens, and the request brings none. */
    TOKEN_MISSING("TokenMissing", 401),
    /** The token has expired, was revoked, or is none of this deployment's. */
    TOKEN_REJECTED("TokenRejected", 401),
    /** The task needs MFA, and the request brings neither a code nor a session. */
    MFA_REQUIRED("MfaRequired", 401),
    /** STS does not accept the MFA code. */
    MFA_REJECTED("MfaRejected", 401),
    /** The session has expired, was given to another caller, or is none of this deployment's. */
    SESSION_REJECTED("SessionRejected", 401),
    /** The event does not say who calls; AWS puts that there for a signed request. */
    CALLER_UNKNOWN("CallerUnknown", 403),
    /** The token does not cover what the deployment would do. */
    SCOPE_EXCEEDED("ScopeExceeded", 403),
    /** The region is not one of the deployment's. */
    REGION_NOT_ALLOWED("RegionNotAllowed", 403),
    /** The deployment does not carry the task out. */
    TASK_NOT_ALLOWED("TaskNotAllowed", 403),
    /** The instance type is none of the deployment's. */
    TYPE_NOT_ALLOWED("TypeNotAllowed", 403),
    /** The image, or its owner, is none of the deployment's. */
    IMAGE_NOT_ALLOWED("ImageNotAllowed", 403),
    /** The subnet is none of the deployment's. */
    SUBNET_NOT_ALLOWED("SubnetNotAllowed", 403),
    /** The security group is none of the deployment's. */
    SECURITY_GROUP_NOT_ALLOWED("SecurityGroupNotAllowed", 403),
    /** The key pair is none of the deployment's. */
    KEY_PAIR_NOT_ALLOWED("KeyPairNotAllowed", 403),
    /** The maximum price is above the deployment's. */
    PRICE_NOT_ALLOWED("PriceNotAllowed", 403),
    /** The lease is longer than the deployment's longest. */
    LEASE_NOT_ALLOWED("LeaseNotAllowed", 403),
    /** A volume is larger than the deployment's largest. */
    VOLUME_NOT_ALLOWED("VolumeNotAllowed", 403),
    /** The deployment does not fall back to on-demand instances. */
    ON_DEMAND_NOT_ALLOWED("OnDemandNotAllowed", 403),
    /** The account lacks EC2's service-linked role for spot, and the operator may not make it. */
    SPOT_ROLE_MISSING("SpotRoleMissing", 403),
    /** IAM does not let the operator do this. */
    NOT_AUTHORIZED("NotAuthorized", 403),
    /** Not the service's path. */
    NOT_FOUND("NotFound", 404),
    /** No region that was asked has anything of the service's own with these ids. */
    ID_NOT_FOUND("IdNotFound", 404),
    /** Requests are {@code POST}. */
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    /** The idempotency key stands for another request, or its instances have ended. */
    IDEMPOTENCY_CONFLICT("IdempotencyConflict", 409),
    /** The instance has ended. */
    INSTANCE_ENDED("InstanceEnded", 409),
    /** The lease would end earlier than it does now, which the request does not ask for. */
    LEASE_SHORTER("LeaseShorter", 409),
    /** As many instances run as the deployment allows. */
    TOO_MANY_INSTANCES("TooManyInstances", 409),
    /** The account's own quota of spot instances or vCPUs is used up. */
    ACCOUNT_LIMIT("AccountLimit", 409),
    /** More tokens would be revoked one by one than are remembered. */
    TOO_MANY_REVOKED("TooManyRevoked", 409),
    /** The body is larger than 64 KiB. */
    BODY_TOO_LARGE("BodyTooLarge", 413),
    /** The answer would be larger than Lambda can return. */
    ANSWER_TOO_LARGE("AnswerTooLarge", 413),
    /** EC2 limits the rate of calls; the same request may succeed in some seconds. */
    THROTTLED("Throttled", 429),
    /** EC2 answers only so many new placement score questions a day. */
    SCORE_LIMIT("ScoreLimit", 429),
    /** A fault of the service itself. */
    INTERNAL("Internal", 500),
    /** The operator's secret cannot be read, or is not of its form. */
    SECRET_UNREADABLE("SecretUnreadable", 502),
    /** AWS does not accept the operator's key, not even after the secret was read again. */
    OPERATOR_REJECTED("OperatorRejected", 502),
    /** The operator has no MFA device, or its secret does not say which. */
    MFA_NOT_ENROLLED("MfaNotEnrolled", 502),
    /** STS failed or could not be reached; whether it took the code, nobody can tell. */
    MFA_UNAVAILABLE("MfaUnavailable", 502),
    /** EC2 failed or could not be reached. */
    EC2_UNAVAILABLE("Ec2Unavailable", 502),
    /** The on-demand price cannot be found out. */
    PRICE_UNAVAILABLE("PriceUnavailable", 502),
    /** No pool that was asked for has room now. */
    NO_CAPACITY("NoCapacity", 503),
    /** The time of the request was up before EC2 had answered, or before a long answer was written. */
    TIMED_OUT("TimedOut", 504);

    private final String code;
    private final int status;

    ErrorCode(String word, int status) {
        this.code = word;
        this.status = status;
    }

    /** Returns the stable word, as in the answer's {@code error}. */
    public String code() {
        return code;
    }

    /**
     * Returns whether a sentence of this reason may repeat what the caller sent, which is for the caller alone to read. Those
     * that do not say what AWS, the account or the service itself cannot do.
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
     * Returns whether the same request is likely to be carried out if it comes again in some seconds, and nothing of it has
     * been carried out yet.
     */
    public boolean isRetryable() {
        return this == THROTTLED;
    }

    /**
     * Returns whether it is for whoever runs the service to look at: neither the request nor the market is at fault. A request
     * may be too wide for its time, which is why {@link #TIMED_OUT} is none.
     */
    public boolean isFault() {
        return switch (this) {
            case SPOT_ROLE_MISSING -> true;
            case NO_CAPACITY, TIMED_OUT -> false;
            default -> status >= 500;
        };
    }

    /** Returns whether the operator's secret is at fault, so that it is worth to read it again. */
    public boolean isOperatorSecretFault() {
        return this == OPERATOR_REJECTED || this == MFA_NOT_ENROLLED;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }
}
