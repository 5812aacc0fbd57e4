package io.github.spotspec.local.wire;

import io.github.spotspec.local.wire.SigV4.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/** Generates random requests from a seed. */
final class RandomRequests {
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH");
    private static final List<String> SERVICES =
            List.of("s3", "s3", "sts", "iam", "ec2", "lambda", "secretsmanager", "cloudformation");
    private static final List<String> REGIONS = List.of("us-east-1", "eu-central-1", "ap-northeast-3", "me-south-1");

    /** Letters, and characters that are special in a URL, form or header, or not ASCII. */
    private static final List<String> CHARACTERS = Stream.of("abXY09 +&=%/?#~*!'()$,;:@._-\"<>[]{}|^`\\éß€漢😀")
            .flatMap(text -> text.codePoints().mapToObj(Character::toString))
            .toList();

    private final Random random;

    RandomRequests(long seed) {
        random = new Random(seed);
    }

    /** A signed request, its credentials and its expected signature. */
    record Request(WireRequest signed, AwsCredentialsIdentity identity, Signature expected) {
        SigV4.@Nullable Key key(String accessKeyId) {
            String token = identity instanceof AwsSessionCredentialsIdentity session ? session.sessionToken() : null;
            return accessKeyId.equals(identity.accessKeyId())
                    ? new SigV4.Key(identity.secretAccessKey(), token, null)
                    : null;
        }
    }

    Request next() {
        String service = one(SERVICES);
        String region = one(REGIONS);
        AwsCredentialsIdentity identity = identity();
        SignedRequest request = SignedRequest.to(service, identity)
                .region(region)
                .method(one(METHODS))
                .path(path());
        // Parameters need a name, because the SDK does not sign others.
        many(
                3,
                () -> request.query(
                        one(CHARACTERS) + text(6), many(3, () -> text(8)).toArray(String[]::new)));
        many(3, () -> request.header("x-amz-meta-" + letters(1 + random.nextInt(4)), headerValues()));
        if (random.nextBoolean()) {
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            request.body(body);
        }
        if (service.equals("s3") && random.nextInt(4) == 0) {
            request.payloadUnsigned();
        }
        return new Request(request.sign(), identity, new Signature(identity.accessKeyId(), region, service));
    }

    private AwsCredentialsIdentity identity() {
        String id = "AKIA" + letters(16);
        // The SDK trims secrets, so they must not start or end with spaces.
        String secret = "s" + text(40) + "t";
        return random.nextBoolean()
                ? AwsCredentialsIdentity.create(id, secret)
                : AwsSessionCredentialsIdentity.create(id, secret, letters(100) + "/+=");
    }

    /** Returns a path with encoded, plain, dot and empty segments. */
    private String path() {
        return "/"
                + many(5, () -> switch (random.nextInt(5)) {
                            case 0 -> "";
                            case 1 -> one(List.of(".", "..", "a:b@c", "!$&'()*+,;=~", "%2F", "%25"));
                            default -> SdkHttpUtils.urlEncode(text(8));
                        })
                        .stream()
                        .collect(Collectors.joining("/"));
    }

    private String[] headerValues() {
        return Stream.concat(Stream.of(headerValue()), many(2, this::headerValue).stream())
                .toArray(String[]::new);
    }

    private String headerValue() {
        return many(
                        4,
                        () -> letters(random.nextInt(5))
                                + one(List.of("", " ", "   ", "\t", " \t ", ",", ";", "\"  \"")))
                .stream()
                .collect(Collectors.joining());
    }

    private String text(int max) {
        return many(max, () -> one(CHARACTERS)).stream().collect(Collectors.joining());
    }

    private String letters(int length) {
        return Stream.generate(() -> String.valueOf((char) ('a' + random.nextInt(26))))
                .limit(length)
                .collect(Collectors.joining());
    }

    private <T> List<T> many(int max, Supplier<T> supplier) {
        List<T> list = new ArrayList<>();
        int size = random.nextInt(max + 1);
        for (int i = 0; i < size; i++) {
            list.add(supplier.get());
        }
        return list;
    }

    private <T> T one(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
