package io.github.spotspec.bench.peer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonWriter;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.SpotPrice;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Answers prices and launches with the defaults of the AWS SDK: its HTTP client, provider chains and models. It uses a
 * stream handler and the JSON parser of the SDK, so that the comparison covers only these defaults. It reads the secret
 * and creates the client of its region before the first request. It calls one region after another. Not thread-safe.
 */
public final class PlainHandler implements RequestStreamHandler {
    private final AwsCredentialsProvider keys;
    private final Map<String, Ec2Client> clients = new HashMap<>();

    /** Creates the handler from its environment. */
    public PlainHandler() {
        String secret = System.getenv("SECRET_ARN");
        keys = secret == null ? DefaultCredentialsProvider.builder().build() : keys(secret);
        ec2(home());
    }

    private static AwsCredentialsProvider keys(String arn) {
        try (SecretsManagerClient secrets = SecretsManagerClient.create()) {
            JsonNode secret = parse(
                    secrets.getSecretValue(request -> request.secretId(arn)).secretString());
            return StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(text(secret, "accessKeyId"), text(secret, "secretAccessKey")));
        }
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        JsonNode request = parse(text(JsonNode.parser().parse(in), "body"));
        String body = text(request, "task").equals("launch") ? launched(request) : priced(request);
        out.write(JsonWriter.create()
                .writeStartObject()
                .writeFieldName("statusCode")
                .writeValue(200)
                .writeFieldName("body")
                .writeValue(body)
                .writeEndObject()
                .getBytes());
    }

    private String priced(JsonNode request) {
        List<String> types = texts(request, "types");
        List<String> products = texts(request, "products");
        List<String> regions = texts(request, "regions");
        List<SpotPrice> prices = new ArrayList<>();
        // Uses one instant, because a price that changes in between would appear twice.
        Instant now = Instant.now();
        for (String region : regions.isEmpty() ? List.of(home()) : regions) {
            DescribeSpotPriceHistoryRequest question = DescribeSpotPriceHistoryRequest.builder()
                    .startTime(now)
                    .endTime(now)
                    .instanceTypesWithStrings(types)
                    .productDescriptions(products)
                    .build();
            ec2(region).describeSpotPriceHistoryPaginator(question).spotPriceHistory().stream()
                    .forEach(prices::add);
        }
        if (request.field("limit").isPresent()) {
            prices.sort(Comparator.comparing(price -> new BigDecimal(price.spotPrice())));
            prices = prices.subList(0, Math.min(prices.size(), Integer.parseInt(number(request, "limit"))));
        }
        JsonWriter json = JsonWriter.create();
        json.writeStartObject()
                .writeFieldName("event")
                .writeValue("priced")
                .writeFieldName("data")
                .writeStartArray();
        for (SpotPrice price : prices) {
            json.writeStartObject();
            put(json, "AvailabilityZone", price.availabilityZone());
            put(json, "AvailabilityZoneId", price.availabilityZoneId());
            put(json, "InstanceType", price.instanceTypeAsString());
            put(json, "ProductDescription", price.productDescriptionAsString());
            put(json, "SpotPrice", price.spotPrice());
            put(json, "Timestamp", price.timestamp().toString());
            json.writeEndObject();
        }
        return text(json.writeEndArray().writeEndObject());
    }

    private String launched(JsonNode request) {
        List<Instance> instances = ec2(home())
                .runInstances(launch -> launch.imageId(text(request, "ami"))
                        .instanceType(
                                InstanceType.fromValue(texts(request, "types").getFirst()))
                        .minCount(1)
                        .maxCount(1)
                        .instanceMarketOptions(market -> market.marketType(MarketType.SPOT)))
                .instances();
        JsonWriter json = JsonWriter.create();
        json.writeStartObject()
                .writeFieldName("event")
                .writeValue("launched")
                .writeFieldName("data")
                .writeStartArray();
        for (Instance instance : instances) {
            json.writeStartObject();
            put(json, "InstanceId", instance.instanceId());
            json.writeEndObject();
        }
        return text(json.writeEndArray().writeEndObject());
    }

    private Ec2Client ec2(String region) {
        return clients.computeIfAbsent(
                region,
                key -> Ec2Client.builder()
                        .region(Region.of(key))
                        .credentialsProvider(keys)
                        .build());
    }

    private static String home() {
        return System.getenv("AWS_REGION");
    }

    private static JsonNode parse(String json) {
        return JsonNode.parser().parse(json);
    }

    private static String text(JsonNode object, String name) {
        return object.field(name).orElseThrow().asString();
    }

    private static String number(JsonNode object, String name) {
        return object.field(name).orElseThrow().asNumber();
    }

    private static List<String> texts(JsonNode object, String name) {
        return object.field(name)
                .map(list -> list.asArray().stream().map(JsonNode::asString).toList())
                .orElse(List.of());
    }

    private static void put(JsonWriter json, String name, String value) {
        json.writeFieldName(name).writeValue(value);
    }

    private static String text(JsonWriter json) {
        return new String(json.getBytes(), StandardCharsets.UTF_8);
    }
}
