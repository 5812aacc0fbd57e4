package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** EC2's RunInstances: pools that run out, and idempotent client tokens. Guarded by its {@link FakeEc2}. */
public final class FakeLaunches {
    private final FakeEc2 ec2;
    private final FakeCatalog catalog;
    private final Map<String, Integer> capacity = new HashMap<>();
    private final Map<String, Call> calls = new HashMap<>();
    private boolean keepFailedTokens;

    private record Call(Map<String, String> parameters, List<FakeInstance> launched) {}

    FakeLaunches(FakeEc2 ec2, FakeCatalog catalog) {
        this.ec2 = ec2;
        this.catalog = catalog;
    }

    /** Sets how many more instances a spot pool can launch. */
    public FakeLaunches capacity(String zone, String type, int instances) {
        capacity.put(zone + " " + type, instances);
        return this;
    }

    /** Sets how many more on-demand instances of a type a zone can launch. */
    public void onDemandCapacity(String zone, String type, int instances) {
        capacity.put(zone + " " + type + " on-demand", instances);
    }

    /** Also remembers the tokens of calls that found no capacity; AWS does not document whether EC2 does. */
    public void keepFailedTokens() {
        keepFailedTokens = true;
    }

    AwsResponse run(AwsCall call) {
        Map<String, String> parameters = new LinkedHashMap<>(call.parameters());
        // EC2 scopes tokens to the zone if the call names one, as this service's calls do.
        String token = zone(call) + parameters.remove("ClientToken");
        Call before = calls.get(token);
        if (before != null) {
            return repeat(before, parameters);
        }
        boolean spot = call.has("InstanceMarketOptions.MarketType=spot");
        String zone = zone(call);
        String pool = zone + " " + call.text("InstanceType") + (spot ? "" : " on-demand");
        BigDecimal maxPrice = decimal(call.get("InstanceMarketOptions.SpotOptions.MaxPrice"));
        BigDecimal price = catalog.price(zone, call.text("InstanceType"));
        if (spot && maxPrice != null && price != null && maxPrice.compareTo(price) < 0) {
            return AwsResponse.error(
                    400, "SpotMaxPriceTooLow", "Your Spot request price is lower than the minimum required.");
        }
        int left = capacity.getOrDefault(pool, Integer.MAX_VALUE);
        if (left < Integer.parseInt(call.text("MinCount"))) {
            if (keepFailedTokens) {
                calls.put(token, new Call(parameters, List.of()));
            }
            // EC2 sometimes returns this with status 500.
            return AwsResponse.error(500, "InsufficientInstanceCapacity", "There is no Spot capacity available.");
        }
        int count = Math.min(left, Integer.parseInt(call.text("MaxCount")));
        capacity.put(pool, left - count);
        List<FakeInstance> launched = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            launched.add(launch(call, zone, spot));
        }
        calls.put(token, new Call(parameters, launched));
        return response(launched);
    }

    private FakeInstance launch(AwsCall call, String zone, boolean spot) {
        FakeInstance instance = ec2.add(zone, call.text("InstanceType"), 0);
        instance.tags().putAll(call.tagsOf("instance"));
        if (spot) {
            FakeRequest request =
                    ec2.addRequest(zone, call.text("InstanceType"), 0).withInstance(instance);
            request.tags().putAll(call.tagsOf("spot-instances-request"));
            instance.spot(request);
            if (call.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent")) {
                request.persistent();
            }
        }
        return instance;
    }

    /** Returns how many more instances a spot pool can launch. */
    int room(String pool) {
        return capacity.getOrDefault(pool, Integer.MAX_VALUE);
    }

    /** Launches as many Spot Instances for a fleet as a pool has capacity for, and returns their ids. */
    List<String> launch(AwsCall fleet, AwsCall template, String zone, String type, int most) {
        String pool = zone + " " + type;
        int count = Math.min(room(pool), most);
        capacity.computeIfPresent(pool, (any, left) -> left - count);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FakeInstance instance = ec2.add(zone, type, 0);
            instance.tags().putAll(fleet.tagsOf("instance"));
            FakeRequest request = ec2.addRequest(zone, type, 0).withInstance(instance);
            request.tags().putAll(template.tagsOf("LaunchTemplateData.", "spot-instances-request"));
            instance.spot(request);
            ids.add(instance.id());
        }
        return ids;
    }

    private static AwsResponse repeat(Call before, Map<String, String> parameters) {
        if (!before.parameters().equals(parameters)) {
            return AwsResponse.error(
                    400, "IdempotentParameterMismatch", "The client token was used with other parameters.");
        }
        if (before.launched().isEmpty()) {
            return AwsResponse.error(500, "InsufficientInstanceCapacity", "There is no Spot capacity available.");
        }
        return before.launched().stream().anyMatch(FakeInstance::isAlive)
                ? response(before.launched())
                : AwsResponse.error(
                        400, "IdempotentInstanceTerminated", "The instances of the client token have ended.");
    }

    private static AwsResponse response(List<FakeInstance> launched) {
        return AwsResponse.of(
                "RunInstances",
                element("reservationId", "r-1")
                        + list(
                                "instancesSet",
                                launched.stream().map(FakeInstance::xml).toList()));
    }

    private String zone(AwsCall call) {
        String subnet = call.get("SubnetId");
        return subnet == null ? call.text("Placement.AvailabilityZone") : catalog.zoneOf(subnet);
    }

    private static @Nullable BigDecimal decimal(@Nullable String text) {
        return text == null ? null : new BigDecimal(text);
    }
}
