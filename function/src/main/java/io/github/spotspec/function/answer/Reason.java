package io.github.spotspec.function.answer;

/**
 * Why a request was not carried out. The word is stable: callers may branch on it, the sentence beside it may change.
 */
public enum Reason {
    /** The body is not one JSON object, is nested too deeply, or names a key twice. */
    INVALID_JSON("InvalidJson", 400),
    /** Fields that are well formed alone contradict each other, or the envelope is not of its form. */
    INVALID_REQUEST("InvalidRequest", 400),
    /** {@code task} names nothing that this deployment does. */
    UNKNOWN_TASK("UnknownTask", 400),
    /** A field that the task does not know. */
    UNKNOWN_FIELD("UnknownField", 400),
    /** A field that the task cannot do without. */
    MISSING_FIELD("MissingField", 400),
    /** A field whose value is of the wrong type, out of range or malformed. */
    INVALID_VALUE("InvalidValue", 400),
    /** EC2 found fault with a value that looked well formed here. */
    EC2_REFUSED("Ec2Refused", 400),
    /** The event does not say who calls; AWS puts that there for a signed request. */
    CALLER_UNKNOWN("CallerUnknown", 403),
    /** The region is not one of the deployment's. */
    REGION_NOT_ALLOWED("RegionNotAllowed", 403),
    /** IAM does not let the operator do this. */
    NOT_AUTHORIZED("NotAuthorized", 403),
    /** Not the service's path. */
    NOT_FOUND("NotFound", 404),
    /** Requests are {@code POST}. */
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    /** The body is larger than 64 KiB. */
    BODY_TOO_LARGE("BodyTooLarge", 413),
    /** The answer would be larger than Lambda can return. */
    ANSWER_TOO_LARGE("AnswerTooLarge", 413),
    /** EC2 limits the rate of calls; the same request may succeed in some seconds. */
    THROTTLED("Throttled", 429),
    /** A fault of the service itself. */
    INTERNAL("Internal", 500),
    /** The operator's secret cannot be read, or is not of its form. */
    SECRET_UNREADABLE("SecretUnreadable", 502),
    /** AWS does not accept the operator's key, not even after the secret was read again. */
    OPERATOR_REJECTED("OperatorRejected", 502),
    /** EC2 failed or could not be reached. */
    EC2_UNAVAILABLE("Ec2Unavailable", 502),
    /** The time of the request was up before EC2 had answered. */
    TIMED_OUT("TimedOut", 504);

    private final String word;
    private final int status;

    Reason(String word, int status) {
        this.word = word;
        this.status = status;
    }

    /** Returns the stable word, as in the answer's {@code error}. */
    public String word() {
        return word;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }
}
