package io.github.spotspec.local.wire;

/** An error that AWS returns. Each protocol renders it in its own form. */
public final class AwsError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final String UNKNOWN = "NotInLocalCloud";

    private final int status;
    private final String code;

    public AwsError(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** Returns the error for something that the local cloud does not support, although AWS might. */
    public static AwsError unknown(String what) {
        return new AwsError(400, UNKNOWN, "the local cloud does not know " + what);
    }

    /** Returns whether AWS might support what the local cloud rejects with this error. */
    public boolean isUnknown() {
        return code.equals(UNKNOWN);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
