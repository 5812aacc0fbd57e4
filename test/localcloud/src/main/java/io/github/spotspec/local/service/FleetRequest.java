package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Fleet.TemplateAndOverrides;
import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.wire.AwsError;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of CreateFleet.
 *
 * @param type {@code instant}, {@code request} or {@code maintain}
 * @param onDemand how many On-Demand Instances to launch
 * @param spot how many Spot Instances to launch
 * @param tags the tags by type of resource
 */
record FleetRequest(
        String type,
        @Nullable String clientToken,
        List<TemplateAndOverrides> sources,
        int onDemand,
        int spot,
        SpotOptions spotOptions,
        Map<String, Map<String, String>> tags) {

    /** The strategies that are simulated. */
    private static final List<String> STRATEGIES =
            List.of("lowest-price", "capacity-optimized", "price-capacity-optimized");

    /** A quota (EC2 user guide, "EC2 Fleet quotas"). */
    private static final int MAX_TARGET = 10_000;

    private static final String DEVICES = "BlockDeviceMapping.";

    /**
     * How to allocate Spot Instances.
     *
     * @param minTarget the number below which the fleet launches nothing
     */
    record SpotOptions(String strategy, boolean singleType, boolean singleZone, int minTarget) {}

    /** Reads the parameters. The launch templates must exist. */
    static FleetRequest read(String region, Params params, LaunchTemplates templates) {
        int total = target(params, "TotalTargetCapacity", 0);
        int spot = target(params, "SpotTargetCapacity", 0);
        int onDemand = target(params, "OnDemandTargetCapacity", 0);
        String type = params.text("Type", "maintain");
        if (!type.equals("instant")) {
            // Says how long such a fleet keeps its capacity. It is authorized here, but never launched.
            Instant _ = params.time("ValidUntil");
            boolean _ = params.flag("TerminateInstancesWithExpiration");
        }
        String rest = params.text("TargetCapacitySpecification.DefaultTargetCapacityType", "on-demand");
        if (total < 1) {
            throw invalid("TotalTargetCapacity", Integer.toString(total));
        }
        if (!List.of("spot", "on-demand").contains(rest) || spot + onDemand > total) {
            throw AwsError.unknown("this TargetCapacitySpecification");
        }
        int left = total - spot - onDemand;
        String onDemandStrategy = params.text("OnDemandOptions.AllocationStrategy", "lowest-price");
        if (!onDemandStrategy.equals("lowest-price")) {
            throw AwsError.unknown("the allocation strategy " + onDemandStrategy + " of On-Demand Instances");
        }
        return new FleetRequest(
                type,
                params.text("ClientToken"),
                sources(region, params, templates),
                onDemand + (rest.equals("spot") ? 0 : left),
                spot + (rest.equals("spot") ? left : 0),
                spotOptions(params),
                Ec2Tags.readSpecifications(params));
    }

    private static int target(Params params, String name, int otherwise) {
        int target = params.whole("TargetCapacitySpecification." + name, otherwise);
        if (target < 0 || target > MAX_TARGET) {
            throw invalid(name, Integer.toString(target));
        }
        return target;
    }

    private static SpotOptions spotOptions(Params params) {
        String prefix = "SpotOptions.";
        String strategy = params.text(prefix + "AllocationStrategy", "lowest-price");
        if (!STRATEGIES.contains(strategy)) {
            throw AwsError.unknown("the allocation strategy " + strategy);
        }
        if (!params.text(prefix + "InstanceInterruptionBehavior", "terminate").equals("terminate")) {
            throw AwsError.unknown("a fleet that stops or hibernates instances");
        }
        SpotOptions options = new SpotOptions(
                strategy,
                params.flag(prefix + "SingleInstanceType"),
                params.flag(prefix + "SingleAvailabilityZone"),
                params.whole(prefix + "MinTargetCapacity", 0));
        if (options.minTarget() > 0 && !options.singleType() && !options.singleZone()) {
            throw new AwsError(
                    400,
                    "InvalidParameterCombination",
                    "MinTargetCapacity requires SingleInstanceType or SingleAvailabilityZone.");
        }
        return options;
    }

    private static List<TemplateAndOverrides> sources(String region, Params params, LaunchTemplates templates) {
        List<TemplateAndOverrides> sources = new ArrayList<>();
        for (int i = 1; i <= params.count("LaunchTemplateConfigs"); i++) {
            String config = "LaunchTemplateConfigs." + i + ".";
            params.required(config + "LaunchTemplateSpecification.Version");
            LaunchTemplate template =
                    LaunchTemplateUse.template(templates, region, params, config + "LaunchTemplateSpecification.");
            int overrides = params.count(config + "Overrides");
            for (int j = 1; j <= overrides; j++) {
                sources.add(new TemplateAndOverrides(template, overrides(params, config + "Overrides." + j + ".")));
            }
            if (overrides == 0) {
                sources.add(new TemplateAndOverrides(template, Map.of()));
            }
        }
        if (sources.isEmpty()) {
            throw new AwsError(400, "MissingParameter", "The request must contain the parameter LaunchTemplateConfigs");
        }
        return sources;
    }

    private static Map<String, String> overrides(Params params, String prefix) {
        Map<String, String> overrides = new TreeMap<>();
        for (String name : List.of(
                "InstanceType",
                "ImageId",
                "SubnetId",
                "AvailabilityZone",
                "MaxPrice",
                "Priority",
                "Placement.Tenancy")) {
            String value = params.text(prefix + name);
            if (value != null) {
                overrides.put(name, value);
            }
        }
        for (String number : List.of("MaxPrice", "Priority")) {
            String value = overrides.getOrDefault(number, "0");
            if (!value.matches("[0-9]+(\\.[0-9]+)?")) {
                throw invalid(number, value);
            }
        }
        Map<String, String> devices = new TreeMap<>();
        params.under(prefix + DEVICES).forEach((name, value) -> devices.put(DEVICES + name, value));
        LaunchParameters.refuseUnknown(devices);
        overrides.putAll(devices);
        return overrides;
    }

    /** Returns the template and the parameters of RunInstances with which the fleet launches from a source. */
    LaunchTemplateUse use(TemplateAndOverrides source, boolean spotInstances, int count) {
        Map<String, String> values = new TreeMap<>(source.overrides());
        values.remove("Priority");
        String maxPrice = values.remove("MaxPrice");
        String zone = values.remove("AvailabilityZone");
        if (zone != null) {
            values.put("Placement.AvailabilityZone", zone);
        }
        if (spotInstances) {
            values.put("InstanceMarketOptions.MarketType", "spot");
            if (maxPrice != null) {
                values.put("InstanceMarketOptions.SpotOptions.MaxPrice", new BigDecimal(maxPrice).toPlainString());
            }
        }
        values.put("MinCount", "1");
        values.put("MaxCount", Integer.toString(count));
        Map<String, Map<String, String>> launched = new TreeMap<>(tags);
        launched.keySet().retainAll(List.of("instance", "volume"));
        values.putAll(LaunchParameters.specifications(launched));
        return new LaunchTemplateUse(source.template(), values, true);
    }

    Map<String, String> tags(String resourceType) {
        return tags.getOrDefault(resourceType, Map.of());
    }

    private static AwsError invalid(String name, String value) {
        return new AwsError(
                400, "InvalidParameterValue", "Value (" + value + ") for parameter " + name + " is invalid.");
    }
}
