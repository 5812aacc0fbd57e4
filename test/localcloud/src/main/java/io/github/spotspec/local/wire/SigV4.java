package io.github.spotspec.local.wire;

import java.net.URI;
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
import java.util.Objects;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies Signature Version 4 in the Authorization header, as defined in the IAM user guide's "Create a signed AWS API
 * request". Its tests compare it with the SDK's own signer.
 */
public final class SigV4 {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final Duration SKEW = Duration.ofMinutes(5);

    private SigV4() {}

    /**
     * The secret access key of a credential. Temporary credentials also have a session token and an expiration time.
     */
    public record Key(
            String secretAccessKey,
            @Nullable String sessionToken,
            @Nullable Instant expires) {}

    /** The access key that signed a request, and the region and service that the signature is for. */
    public record Signature(String accessKeyId, String region, String service) {}

    private record Authorization(Signature signature, String date, List<String> headers, String hex) {
        String scope() {
            return date + "/" + signature.region() + "/" + signature.service() + "/aws4_request";
        }
    }

    /** Returns the signature that a request claims, or null if the request is not signed. Verifies nothing. */
    public static @Nullable Signature claimed(WireRequest request) {
        String header = request.header("authorization");
        return header == null || !header.startsWith(ALGORITHM)
                ? null
                : parse(header).signature();
    }

    /**
     * Verifies a request.
     *
     * @param keys returns an access key's secret, expired or not, or null if no such active key exists
     * @throws AwsError if the request is unsigned, wrongly signed, or signed with an unknown key; the error is the same
     *     as AWS's
     */
    public static Signature verify(WireRequest request, Instant now, Function<String, @Nullable Key> keys) {
        String header = request.header("authorization");
        if (header == null || !header.startsWith(ALGORITHM)) {
            throw new AwsError(403, "MissingAuthenticationToken", "Missing Authentication Token");
        }
        Authorization authorization = parse(header);
        String service = authorization.signature().service();
        String date = request.header("x-amz-date");
        if (date == null) {
            throw incomplete(service, "X-Amz-Date is missing");
        }
        Instant signed = time(service, date);
        if (!date.substring(0, 8).equals(authorization.date())) {
            throw SignatureError.MISMATCH.by(
                    service,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP");
        }
        if (!authorization.headers().contains("host")) {
            throw SignatureError.UNSIGNED_HOST.by(
                    service, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        Key key = keys.apply(authorization.signature().accessKeyId());
        if (key == null) {
            throw SignatureError.UNKNOWN_KEY.by(service, "The access key id included in the request is invalid.");
        }
        String token = request.header("x-amz-security-token");
        if (!Objects.equals(key.sessionToken(), token)) {
            throw SignatureError.WRONG_TOKEN.by(service, "The security token included in the request is invalid.");
        }
        if (key.expires() != null && !now.isBefore(key.expires())) {
            throw SignatureError.EXPIRED_TOKEN.by(service, "The security token included in the request is expired");
        }
        if (!equal(sign(request, authorization, date, key.secretAccessKey()), authorization.hex())) {
            throw SignatureError.MISMATCH.by(
                    service, "The request signature we calculated does not match the signature you provided.");
        }
        if (Duration.between(signed, now).abs().compareTo(SKEW) > 0) {
            throw SignatureError.OUT_OF_TIME.by(
                    service, "Signature expired or not yet current: " + date + ", and now it is " + TIME.format(now));
        }
        if (service.equals("s3")) {
            requireDeclaredBody(request);
        }
        return authorization.signature();
    }

    /**
     * Checks the body against the declared hash. S3 signs the hash in a header, which may leave the payload unsigned,
     * and compares the hash separately.
     */
    private static void requireDeclaredBody(WireRequest request) {
        String declared = declaredHash(request);
        if (!declared.equals(UNSIGNED) && !equal(declared, hex(sha256(request.body())))) {
            throw new AwsError(
                    400,
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.");
        }
    }

    private static String declaredHash(WireRequest request) {
        String declared = request.header("x-amz-content-sha256");
        if (declared == null) {
            throw new AwsError(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
        }
        return declared;
    }

    private static boolean equal(String one, String other) {
        return MessageDigest.isEqual(utf8(one), utf8(other));
    }

    private static AwsError incomplete(String service, String what) {
        return SignatureError.INCOMPLETE.by(service, "The Authorization header must be complete: " + what + ".");
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
                default -> throw incomplete("", "'" + part.strip() + "' is not known");
            }
        }
        if (credential == null || headers == null || signature == null) {
            throw incomplete("", "it requires Credential, SignedHeaders and Signature");
        }
        String[] scope = credential.split("/");
        if (scope.length != 5) {
            throw incomplete("", "Credential must have exactly 5 slash-delimited elements");
        }
        if (!scope[4].equals("aws4_request")) {
            throw SignatureError.MISMATCH.by("", "Credential should be scoped with a valid terminator: 'aws4_request'");
        }
        return new Authorization(
                new Signature(scope[0], scope[2], scope[3]), scope[1], Arrays.asList(headers.split(";")), signature);
    }

    private static String sign(WireRequest request, Authorization authorization, String date, String secret) {
        boolean s3 = authorization.signature().service().equals("s3");
        StringBuilder canonical = new StringBuilder(request.method())
                .append('\n')
                // Every service except S3 normalizes the path and encodes it a second time.
                .append(s3 ? request.path() : encode(normalize(request.path())).replace("%2F", "/"))
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
                .append(s3 ? declaredHash(request) : hex(sha256(request.body())));
        String toSign =
                ALGORITHM + "\n" + date + "\n" + authorization.scope() + "\n" + hex(sha256(utf8(canonical.toString())));
        byte[] key = utf8("AWS4" + secret);
        for (String part : authorization.scope().split("/")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    private static String canonicalHeader(WireRequest request, String name) {
        return String.join(
                ",",
                // A header that was lost in transit counts as empty, so that the signature does not match.
                request.headers().getOrDefault(name, List.of()).stream()
                        .map(value -> value.strip().replaceAll("\\s+", " "))
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
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new AwsError(400, "MalformedQueryString", "The query string contains a syntax error.");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    /** Returns a path without dot segments and double slashes. The path ends with a slash only if it did before. */
    private static String normalize(String path) {
        String normal = URI.create("http://localhost" + path).normalize().getRawPath();
        return normal.length() > 1 && normal.endsWith("/") && !path.endsWith("/")
                ? normal.substring(0, normal.length() - 1)
                : normal;
    }

    private static Instant time(String service, String date) {
        try {
            return TIME.parse(date, Instant::from);
        } catch (DateTimeParseException e) {
            throw incomplete(service, "X-Amz-Date must be of the form 20150830T123600Z");
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
