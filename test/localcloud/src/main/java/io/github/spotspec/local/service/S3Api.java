package io.github.spotspec.local.service;

import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import io.github.spotspec.local.wire.Xml;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of Amazon S3 that the CDK needs to publish assets, and that makes and deletes a bucket for them, in path
 * style.
 */
final class S3Api implements Api {
    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static final Pattern TAG = Pattern.compile("<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>");

    private final S3Objects objects;
    private final Map<String, Map<Integer, byte[]>> uploads = new ConcurrentHashMap<>();

    S3Api(S3Objects objects) {
        this.objects = objects;
    }

    @Override
    public String service() {
        return "s3";
    }

    @Override
    public String action(WireRequest request) {
        return request.method();
    }

    @Override
    public WireResponse handle(ApiCall call) {
        WireRequest request = call.request();
        String[] path = URLDecoder.decode(request.path(), StandardCharsets.UTF_8)
                .substring(1)
                .split("/", 2);
        String bucket = path[0];
        String key = path.length < 2 ? "" : path[1];
        String name = bucket + "/" + key;
        Params query = Params.parse(request.query());
        query.ignore("x-id");
        String operation = request.method() + (key.isEmpty() ? " bucket" : " object");
        String bucketArn = "arn:aws:s3:::" + bucket;
        WireResponse response = switch (operation) {
            case "GET bucket" -> bucket(call, bucketArn, bucket, query);
            case "PUT bucket" -> {
                putBucket(call, bucketArn, bucket, query);
                yield WireResponse.empty(200);
            }
            case "DELETE bucket" -> {
                call.authorize("s3:DeleteBucket", bucketArn);
                objects.deleteBucket(bucket);
                yield WireResponse.empty(204);
            }
            case "DELETE object" -> {
                call.authorize("s3:DeleteObject", "arn:aws:s3:::" + name);
                objects.delete(bucket, key);
                yield WireResponse.empty(204);
            }
            case "HEAD bucket" -> {
                call.authorize("s3:ListBucket", bucketArn);
                String region = Objects.requireNonNullElse(objects.region(bucket), call.region());
                yield new WireResponse(
                        region.equals(call.region()) ? 200 : 301, Map.of("x-amz-bucket-region", region), new byte[0]);
            }
            case "HEAD object" -> {
                call.authorize("s3:GetObject", "arn:aws:s3:::" + name);
                yield WireResponse.empty(objects.find(bucket, key) == null ? 404 : 200);
            }
            case "PUT object" -> {
                call.authorize("s3:PutObject", "arn:aws:s3:::" + name);
                String upload = query.text("uploadId");
                if (upload == null) {
                    objects.put(bucket, key, request.body());
                } else {
                    parts(upload).put(query.whole("partNumber", 0), request.body());
                }
                yield new WireResponse(200, Map.of("etag", "\"" + UUID.randomUUID() + "\""), new byte[0]);
            }
            case "POST object" -> {
                call.authorize("s3:PutObject", "arn:aws:s3:::" + name);
                yield multipart(bucket, key, query);
            }
            default -> throw AwsError.unknown("s3 " + operation);
        };
        query.refuseUnread("s3 " + operation);
        return response;
    }

    /** Creates a bucket, or replaces its tags. The location is that of the endpoint. */
    private void putBucket(ApiCall call, String arn, String bucket, Params query) {
        String body = new String(call.request().body(), StandardCharsets.UTF_8);
        if (query.text("tagging") == null) {
            call.authorize("s3:CreateBucket", arn);
            objects.createBucket(bucket, call.region());
            return;
        }
        call.authorize("s3:PutBucketTagging", arn);
        Map<String, String> tags = new TreeMap<>();
        Matcher tag = TAG.matcher(body);
        while (tag.find()) {
            tags.put(tag.group(1), tag.group(2));
        }
        objects.tagBucket(bucket, tags);
    }

    /** Handles multipart uploads: a large object is sent in parts, and the last request combines them. */
    private WireResponse multipart(String bucket, String key, Params query) {
        String upload = query.text("uploadId");
        if (upload == null) {
            query.required("uploads");
            String id = UUID.randomUUID().toString();
            uploads.put(id, new ConcurrentSkipListMap<>());
            return xml(
                    200,
                    "InitiateMultipartUploadResult",
                    NAMESPACE,
                    xml -> xml.put("Bucket", bucket).put("Key", key).put("UploadId", id));
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts(upload).values().forEach(whole::writeBytes);
        uploads.remove(upload);
        objects.put(bucket, key, whole.toByteArray());
        return xml(
                200,
                "CompleteMultipartUploadResult",
                NAMESPACE,
                xml -> xml.put("Bucket", bucket).put("Key", key).put("ETag", "\"" + upload + "\""));
    }

    private Map<Integer, byte[]> parts(String upload) {
        Map<Integer, byte[]> parts = uploads.get(upload);
        if (parts == null) {
            throw new AwsError(404, "NoSuchUpload", "The specified multipart upload does not exist.");
        }
        return parts;
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        return xml(
                error.status(),
                "Error",
                null,
                xml -> xml.put("Code", error.code())
                        .put("Message", error.message())
                        .put("RequestId", requestId));
    }

    private WireResponse bucket(ApiCall call, String arn, String bucket, Params query) {
        if (query.text("location") != null) {
            call.authorize("s3:GetBucketLocation", arn);
            return xml(
                    200,
                    "LocationConstraint",
                    NAMESPACE,
                    xml -> xml.text(call.region().equals("us-east-1") ? "" : call.region()));
        }
        if (query.text("encryption") != null) {
            call.authorize("s3:GetEncryptionConfiguration", arn);
            return xml(
                    200,
                    "ServerSideEncryptionConfiguration",
                    NAMESPACE,
                    xml -> xml.nest(
                            "Rule",
                            rule -> rule.nest(
                                    "ApplyServerSideEncryptionByDefault",
                                    encryption -> encryption.put("SSEAlgorithm", "AES256"))));
        }
        if ("2".equals(query.text("list-type"))) {
            call.authorize("s3:ListBucket", arn);
            objects.requireBucket(bucket);
            query.ignore("max-keys");
            List<String> keys = objects.keys(bucket, query.text("prefix", ""));
            return xml(200, "ListBucketResult", NAMESPACE, xml -> {
                xml.put("Name", bucket).put("KeyCount", keys.size()).put("IsTruncated", false);
                keys.forEach(key -> xml.nest(
                        "Contents", content -> content.put("Key", key).put("Size", objects.get(bucket, key).length)));
            });
        }
        throw AwsError.unknown("s3 GET bucket with " + call.request().query());
    }

    private static WireResponse xml(int status, String root, @Nullable String namespace, Consumer<Xml> content) {
        return WireResponse.of(status, "application/xml", Xml.document(root, namespace, content));
    }
}
