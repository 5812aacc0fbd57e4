package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The parameters of a launch as a launch template holds them. They have the same names as those of RunInstances, so a
 * launch from a template reads what {@link #merge} returns as if a caller had sent it.
 */
final class LaunchParameters {
    private static final String DEVICES = "BlockDeviceMapping";
    private static final String TAGS = "TagSpecification";

    /** What a template can hold here. EC2 accepts more. */
    private static final Pattern KNOWN = Pattern.compile("ImageId|InstanceType|KeyName|UserData|EbsOptimized"
            + "|Monitoring\\.Enabled|CreditSpecification\\.CpuCredits|IamInstanceProfile\\.Arn|InstanceInitiatedShutdownBehavior"
            + "|MetadataOptions\\.(HttpTokens|HttpPutResponseHopLimit|InstanceMetadataTags)|Placement\\.(AvailabilityZone|Tenancy)"
            + "|SecurityGroup(Id)?\\.\\d+"
            + "|BlockDeviceMapping\\.\\d+\\.(DeviceName|Ebs\\.(VolumeSize|VolumeType|Iops|Throughput|Encrypted|DeleteOnTermination))"
            + "|TagSpecification\\.\\d+\\.(ResourceType|Tag\\.\\d+\\.(Key|Value))"
            + "|InstanceMarketOptions\\.(MarketType|SpotOptions\\.\\w+)");

    private LaunchParameters() {}

    /** Rejects parameters that no launch of this cloud reads. */
    static void refuseUnknown(Map<String, String> data) {
        for (String name : data.keySet()) {
            if (!KNOWN.matcher(name).matches()) {
                throw AwsError.unknown("the launch template data " + name);
            }
        }
    }

    /**
     * Returns the parameters of a template as others override them. Security groups replace the template's. Tags are
     * added to the template's, and replace those with the same key. A block device mapping changes only the given
     * values of the template's mapping with the same device name (EC2 API reference,
     * "FleetLaunchTemplateOverridesRequest").
     */
    static Map<String, String> merge(Map<String, String> template, Map<String, String> overriding) {
        Map<String, String> merged = new TreeMap<>(template);
        if (overriding.keySet().stream().anyMatch(LaunchParameters::isGroup)) {
            merged.keySet().removeIf(LaunchParameters::isGroup);
        }
        merged.putAll(overriding);
        merged.keySet().removeIf(name -> name.startsWith(DEVICES + ".") || name.startsWith(TAGS + "."));
        Map<String, Map<String, String>> devices = devices(template);
        devices(overriding)
                .forEach((device, values) ->
                        devices.computeIfAbsent(device, one -> new TreeMap<>()).putAll(values));
        int mapping = 0;
        for (Map<String, String> values : devices.values()) {
            String prefix = DEVICES + "." + ++mapping + ".";
            values.forEach((name, value) -> merged.put(prefix + name, value));
        }
        Map<String, Map<String, String>> tags = new TreeMap<>();
        for (Map<String, String> parameters : java.util.List.of(template, overriding)) {
            Ec2Tags.readSpecifications(Params.of(parameters))
                    .forEach((type, more) ->
                            tags.computeIfAbsent(type, one -> new TreeMap<>()).putAll(more));
        }
        merged.putAll(specifications(tags));
        return merged;
    }

    /** Returns the parameters that specify tags, by the type of resource. */
    static Map<String, String> specifications(Map<String, Map<String, String>> tags) {
        Map<String, String> parameters = new TreeMap<>();
        int specification = 0;
        for (Map.Entry<String, Map<String, String>> entry : tags.entrySet()) {
            String prefix = TAGS + "." + ++specification + ".";
            parameters.put(prefix + "ResourceType", entry.getKey());
            int tag = 0;
            for (Map.Entry<String, String> one : entry.getValue().entrySet()) {
                tag++;
                parameters.put(prefix + "Tag." + tag + ".Key", one.getKey());
                parameters.put(prefix + "Tag." + tag + ".Value", one.getValue());
            }
        }
        return parameters;
    }

    private static boolean isGroup(String name) {
        return name.startsWith("SecurityGroup.") || name.startsWith("SecurityGroupId.");
    }

    private static Map<String, Map<String, String>> devices(Map<String, String> parameters) {
        Params params = Params.of(parameters);
        Map<String, Map<String, String>> devices = new LinkedHashMap<>();
        for (int i = 1; i <= params.count(DEVICES); i++) {
            String prefix = DEVICES + "." + i + ".";
            devices.put(params.required(prefix + "DeviceName"), params.under(prefix));
        }
        return devices;
    }
}
