package io.github.spotspec.local.wire;

/**
 * The reason why a signature is rejected. Each family of services has its own error codes: the query services, the JSON
 * services (and Lambda, which uses other statuses), EC2, and S3.
 */
enum SignatureError {
    UNKNOWN_KEY("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId"),
    WRONG_TOKEN("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidToken"),
    EXPIRED_TOKEN("ExpiredToken", "ExpiredTokenException", "RequestExpired", "ExpiredToken"),
    MISMATCH("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "SignatureDoesNotMatch"),
    UNSIGNED_HOST("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "AccessDenied"),
    OUT_OF_TIME("SignatureDoesNotMatch", "InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"),
    INCOMPLETE(
            "IncompleteSignature",
            "IncompleteSignatureException",
            "IncompleteSignature",
            "AuthorizationHeaderMalformed");

    private final String query;
    private final String json;
    private final String ec2;
    private final String s3;

    SignatureError(String query, String json, String ec2, String s3) {
        this.query = query;
        this.json = json;
        this.ec2 = ec2;
        this.s3 = s3;
    }

    /** Returns the error of a service. */
    AwsError by(String service, String message) {
        return switch (service) {
            case "ec2" -> new AwsError(ec2.equals("AuthFailure") ? 401 : 400, ec2, message);
            case "secretsmanager", "ssm" -> new AwsError(400, json, message);
            case "lambda" -> new AwsError(403, json, message);
            case "s3" ->
                new AwsError(
                        switch (this) {
                            case WRONG_TOKEN, EXPIRED_TOKEN, INCOMPLETE -> 400;
                            default -> 403;
                        },
                        s3,
                        message);
            default -> new AwsError(this == INCOMPLETE ? 400 : 403, query, message);
        };
    }
}
