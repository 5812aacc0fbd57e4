package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.Said.element;
import static io.github.spotspec.function.fake.Said.set;

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
    private final FakeCatalogue catalogue;
    private final Map<String, Integer> room = new HashMap<>();
    private final Map<String, Call> calls = new HashMap<>();
    private boolean keepsFailedTokens;

    private record Call(Map<String, String> parameters, List<FakeInstance> launched) {}

    FakeLaunches(FakeEc2 ec2, FakeCatalogue catalogue) {
        this.ec2 = ec2;
        this.catalogue = catalogue;
    }

    /** Sets how many more instances a spot pool can launch. */
    public FakeLaunches room(String zone, String type, int instances) {
        room.put(zone + " " + type, instances);
        return this;
    }

    /** Sets how many more on-demand instances of a type a zone can launch. */
    public void onDemandRoom(String zone, String type, int instances) {
        room.put(zone + " " + type + " on-demand", instances);
    }

    /** Also remembers the tokens of calls that found no capacity; AWS does not document whether EC2 does. */
    public void keepsFailedTokens() {
        keepsFailedTokens = true;
    }

    Said run(Asked asked) {
        Map<String, String> parameters = new LinkedHashMap<>(asked.parameters());
        // EC2 scopes tokens to the zone if the call names one, as this service's calls do.
        String token = zone(asked) + parameters.remove("ClientToken");
        Call before = calls.get(token);
        if (before != null) {
            return again(before, parameters);
        }
        boolean spot = asked.has("InstanceMarketOptions.MarketType=spot");
        String zone = zone(asked);
        String pool = zone + " " + asked.text("InstanceType") + (spot ? "" : " on-demand");
        BigDecimal most = decimal(asked.get("InstanceMarketOptions.SpotOptions.MaxPrice"));
        BigDecimal price = catalogue.price(zone, asked.text("InstanceType"));
        if (spot && most != null && price != null && most.compareTo(price) < 0) {
            return Said.error(400, "SpotMaxPriceTooLow", "Your Spot request price is lower than the minimum required.");
        }
        int left = room.getOrDefault(pool, Integer.MAX_VALUE);
        if (left < Integer.parseInt(asked.text("MinCount"))) {
            if (keepsFailedTokens) {
                calls.put(token, new Call(parameters, List.of()));
            }
            // EC2 has been seen to return this with status 500.
            return Said.error(500, "InsufficientInstanceCapacity", "There is no Spot capacity available.");
        }
        int count = Math.min(left, Integer.parseInt(asked.text("MaxCount")));
        room.put(pool, left - count);
        List<FakeInstance> launched = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            launched.add(launch(asked, zone, spot));
        }
        calls.put(token, new Call(parameters, launched));
        return said(launched);
    }

    private FakeInstance launch(Asked asked, String zone, boolean spot) {
        FakeInstance instance = ec2.add(zone, asked.text("InstanceType"), 0);
        instance.tags().putAll(asked.tagsOf("instance"));
        if (spot) {
            FakeRequest request =
                    ec2.addRequest(zone, asked.text("InstanceType"), 0).of(instance);
            request.tags().putAll(asked.tagsOf("spot-instances-request"));
            instance.spot(request);
            if (asked.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent")) {
                request.persistent();
            }
        }
        return instance;
    }

    private static Said again(Call before, Map<String, String> parameters) {
        if (!before.parameters().equals(parameters)) {
            return Said.error(400, "IdempotentParameterMismatch", "The client token was used with other parameters.");
        }
        if (before.launched().isEmpty()) {
            return Said.error(500, "InsufficientInstanceCapacity", "There is no Spot capacity available.");
        }
        return before.launched().stream().anyMatch(FakeInstance::isAlive)
                ? said(before.launched())
                : Said.error(400, "IdempotentInstanceTerminated", "The instances of the client token have ended.");
    }

    private static Said said(List<FakeInstance> launched) {
        return Said.of(
                "RunInstances",
                element("reservationId", "r-1")
                        + set(
                                "instancesSet",
                                launched.stream().map(FakeInstance::xml).toList()));
    }

    private String zone(Asked asked) {
        String subnet = asked.get("SubnetId");
        return subnet == null ? asked.text("Placement.AvailabilityZone") : catalogue.zoneOf(subnet);
    }

    private static @Nullable BigDecimal decimal(@Nullable String text) {
        return text == null ? null : new BigDecimal(text);
    }
}
