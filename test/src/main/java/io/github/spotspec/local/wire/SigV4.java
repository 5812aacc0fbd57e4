package io.github.spotspec.local.wire;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies Signature Version 4 in the Authorization header, as the IAM user guide's "Create a signed AWS API request"
 * defines it. Its tests hold it against the SDK's own signer.
 */
public final class SigV4 {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Duration SKEW = Duration.ofMinutes(5);

    private SigV4() {}

    /** The secret half of a credential, and its session token if it is a temporary one. */
    public record Key(String secretAccessKey, @Nullable String sessionToken) {}

    /** Who signed, and for what. */
    public record Signature(String accessKeyId, String region, String service) {}

    private record Authorization(Signature signature, String date, List<String> headers, String hex) {
        String scope() {
            return date + "/" + signature.region() + "/" + signature.service() + "/aws4_request";
        }
    }

    /** Returns what a request claims to be signed for, or null if it is not signed; nothing is verified yet. */
    public static @Nullable Signature claimed(WireRequest request) {
        String header = request.header("authorization");
        return header == null || !header.startsWith(ALGORITHM)
                ? null
                : parse(header).signature();
    }

    /**
     * Verifies a request.
     *
     * @param keys finds an access key's secret, or null if there is no such active key
     * @throws AwsError as AWS answers a request that is unsigned, wrongly signed, or signed with an unknown key
     */
    public static Signature verify(WireRequest request, Instant now, Function<String, @Nullable Key> keys) {
        String header = request.header("authorization");
        if (header == null || !header.startsWith(ALGORITHM)) {
            throw new AwsError(403, "MissingAuthenticationToken", "Missing Authentication Token");
        }
        Authorization authorization = parse(header);
        String date = request.header("x-amz-date");
        if (date == null || !date.startsWith(authorization.date())) {
            throw incomplete("the date");
        }
        if (!authorization.headers().contains("host")) {
            throw incomplete("'host' among the signed headers");
        }
        Key key = keys.apply(authorization.signature().accessKeyId());
        if (key == null) {
            throw invalidKey(authorization.signature().service());
        }
        String token = request.header("x-amz-security-token");
        if (key.sessionToken() == null ? token != null : !key.sessionToken().equals(token)) {
            throw invalidKey(authorization.signature().service());
        }
        String expected = sign(request, authorization, date, key.secretAccessKey());
        if (!MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.US_ASCII),
                authorization.hex().getBytes(StandardCharsets.US_ASCII))) {
            throw new AwsError(
                    403,
                    authorization.signature().service().equals("ec2") ? "AuthFailure" : "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided.");
        }
        if (Duration.between(time(date), now).abs().compareTo(SKEW) > 0) {
            throw new AwsError(403, "RequestExpired", "Request has expired.");
        }
        return authorization.signature();
    }

    /** EC2 has a code of its own for this; STS, IAM and CloudFormation share one, the JSON services another. */
    private static AwsError invalidKey(String service) {
        return switch (service) {
            case "ec2" ->
                new AwsError(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
            case "secretsmanager", "ssm", "lambda" ->
                new AwsError(
                        400, "UnrecognizedClientException", "The security token included in the request is invalid.");
            case "s3" ->
                new AwsError(
                        403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
            default ->
                new AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        };
    }

    private static AwsError incomplete(String what) {
        return new AwsError(
                400, "IncompleteSignature", "The Authorization header must be complete: " + what + " is missing.");
    }

    private static Authorization parse(String header) {
        String credential = null;
        String headers = null;
        String signature = null;
        for (String part : header.substring(ALGORITHM.length()).split(",")) {
            int equals = part.indexOf('=');
            String value = part.substring(equals + 1).strip();
            switch (equals < 0 ? "" : part.substring(0, equals).strip()) {
                case "Credential" -> credential = value;
                case "SignedHeaders" -> headers = value;
                case "Signature" -> signature = value;
                default -> throw incomplete("a known part");
            }
        }
        if (credential == null || headers == null || signature == null) {
            throw incomplete("Credential, SignedHeaders or Signature");
        }
        String[] scope = credential.split("/");
        if (scope.length != 5 || !scope[4].equals("aws4_request")) {
            throw incomplete("the credential's scope");
        }
        return new Authorization(
                new Signature(scope[0], scope[2], scope[3]), scope[1], Arrays.asList(headers.split(";")), signature);
    }

    private static String sign(WireRequest request, Authorization authorization, String date, String secret) {
        boolean s3 = authorization.signature().service().equals("s3");
        StringBuilder canonical = new StringBuilder(request.method())
                .append('\n')
                // Every service but S3 encodes the path, which is encoded already, once more.
                .append(s3 ? request.path() : encode(request.path()).replace("%2F", "/"))
                .append('\n')
                .append(canonicalQuery(request.query()))
                .append('\n');
        for (String name : authorization.headers()) {
            canonical
                    .append(name)
                    .append(':')
                    .append(canonicalHeader(request, name))
                    .append('\n');
        }
        canonical
                .append('\n')
                .append(String.join(";", authorization.headers()))
                .append('\n')
                .append(payloadHash(request, s3));
        String toSign =
                ALGORITHM + "\n" + date + "\n" + authorization.scope() + "\n" + hex(sha256(utf8(canonical.toString())));
        byte[] key = utf8("AWS4" + secret);
        for (String part : authorization.scope().split("/")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    /** Only S3 lets the client leave the payload unsigned; everywhere else the hash is the payload's own. */
    private static String payloadHash(WireRequest request, boolean s3) {
        return s3 && "UNSIGNED-PAYLOAD".equals(request.header("x-amz-content-sha256"))
                ? "UNSIGNED-PAYLOAD"
                : hex(sha256(request.body()));
    }

    private static String canonicalHeader(WireRequest request, String name) {
        List<String> values = request.headers().get(name);
        if (values == null) {
            throw incomplete("the signed header '" + name + "'");
        }
        return String.join(
                ",",
                values.stream()
                        .map(value -> value.strip().replaceAll(" +", " "))
                        .toList());
    }

    private static String canonicalQuery(String query) {
        record Pair(String name, String value) {}
        List<Pair> pairs = new ArrayList<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            pairs.add(new Pair(encode(decode(name)), encode(decode(value))));
        }
        pairs.sort(Comparator.comparing(Pair::name).thenComparing(Pair::value));
        return String.join(
                "&",
                pairs.stream().map(pair -> pair.name() + "=" + pair.value()).toList());
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static Instant time(String date) {
        try {
            return TIME.parse(date, Instant::from);
        } catch (DateTimeParseException e) {
            throw incomplete("a date of the form 20150830T123600Z");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(utf8(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
