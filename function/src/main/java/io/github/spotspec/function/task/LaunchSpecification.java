package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.launch.Launch.InstanceSettings;
import io.github.spotspec.function.launch.Launch.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ancestor's {@code launchSpecification}: more launch settings under EC2's names, whose first letters may be
 * lowercase. If a request also has a setting outside of it, the setting outside takes precedence.
 */
record LaunchSpecification(
        @Nullable String image,
        @Nullable String type,
        @Nullable String zone,
        List<String> subnets,
        @Nullable String instanceProfile,
        InstanceSettings settings) {

    static final LaunchSpecification EMPTY =
            new LaunchSpecification(null, null, null, List.of(), null, InstanceSettings.NONE);

    private static final String PREFIX = "launchSpecification.";

    private static final Field<Object> PLACEMENT = object("Placement");
    private static final Field<Object> PROFILE = object("IamInstanceProfile");
    private static final Field<Object> MONITORING = object("Monitoring");
    private static final Field<List<?>> MAPPINGS = Field.<List<?>>of(
                    "BlockDeviceMappings",
                    "a list of at most 16 objects",
                    value -> value instanceof List<?> list && list.size() <= 16 ? list : null)
            .or("blockDeviceMappings");
    private static final Field<Boolean> EBS_OPTIMIZED =
            Field.bool("EbsOptimized").or("ebsOptimized");
    private static final List<Field<?>> FIELDS = List.of(
            LaunchFields.AMI,
            TypeSelection.TYPES,
            LaunchFields.KEY_NAME,
            LaunchFields.SECURITY_GROUPS,
            LaunchFields.SECURITY_GROUP_IDS,
            LaunchFields.USER_DATA,
            LaunchFields.SUBNETS,
            PLACEMENT,
            PROFILE,
            MONITORING,
            MAPPINGS,
            EBS_OPTIMIZED);

    private static final Field<String> ZONE = PoolFilter.zoneField()
            .or("AvailabilityZone", "availabilityZone", "AvailabilityZoneId", "availabilityZoneId");
    private static final Field<String> ARN = Field.text(
                    "Arn", "the ARN of an instance profile", arn -> Syntax.isPrintable(arn, 300))
            .or("arn");
    private static final Field<Boolean> ENABLED = Field.bool("Enabled").or("enabled");
    private static final Field<String> DEVICE = Field.text(
                    "DeviceName", "a device such as /dev/xvda", name -> Syntax.isPrintable(name, 64))
            .or("deviceName");
    private static final Field<Object> EBS = object("Ebs");
    private static final Field<Integer> SIZE =
            Field.integer("VolumeSize", 1, 65_536).or("volumeSize");
    private static final Field<String> VOLUME_TYPE = Field.oneOf(
                    "VolumeType", List.of("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"))
            .or("volumeType");
    private static final Field<Integer> IOPS =
            Field.integer("Iops", 100, 256_000).or("iops");
    private static final Field<Integer> THROUGHPUT =
            Field.integer("Throughput", 125, 2_000).or("throughput");
    private static final Field<Boolean> DELETE =
            Field.bool("DeleteOnTermination").or("deleteOnTermination");
    private static final Field<Boolean> ENCRYPTED = Field.bool("Encrypted").or("encrypted");

    /** Reads the object. Returns null if the value is not an object. */
    static @Nullable LaunchSpecification of(Object value) {
        if (!(value instanceof Map<?, ?>)) {
            return null;
        }
        Fields fields = Fields.inside(PREFIX, value);
        fields.rejectOthersThan(FIELDS);
        List<String> types = fields.get(TypeSelection.TYPES, List.of());
        if (types.size() > 1) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE, "'" + PREFIX + "InstanceType' must be one type; send several as 'types'.");
        }
        List<Volume> volumes = new ArrayList<>();
        int index = 0;
        for (Object mapping : fields.get(MAPPINGS, List.of())) {
            volumes.add(volume(PREFIX + "BlockDeviceMappings[" + index++ + "].", mapping));
        }
        return new LaunchSpecification(
                fields.get(LaunchFields.AMI),
                types.isEmpty() ? null : types.getFirst(),
                inner(fields, PLACEMENT, ZONE),
                fields.get(LaunchFields.SUBNETS, List.of()),
                inner(fields, PROFILE, ARN),
                new InstanceSettings(
                        fields.get(LaunchFields.KEY_NAME),
                        fields.get(LaunchFields.SECURITY_GROUPS, List.of()),
                        fields.get(LaunchFields.SECURITY_GROUP_IDS, List.of()),
                        fields.get(LaunchFields.USER_DATA),
                        volumes,
                        fields.get(EBS_OPTIMIZED),
                        inner(fields, MONITORING, ENABLED),
                        null));
    }

    /** Returns the zone as a list. The zone must be in one of the regions of the launch. */
    List<String> zones(List<String> regions) {
        if (zone == null) {
            return List.of();
        }
        if (regions.stream().noneMatch(region -> Zones.isIn(region, zone))) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "Zone " + zone + " is not in the requested regions: " + String.join(", ", regions) + ".");
        }
        return List.of(zone);
    }

    private static <T> @Nullable T inner(Fields fields, Field<Object> object, Field<T> field) {
        Object value = fields.get(object);
        if (value == null) {
            return null;
        }
        Fields inside = Fields.inside(PREFIX + object.names().getFirst() + ".", value);
        inside.rejectOthersThan(List.of(field));
        return inside.get(field);
    }

    private static Volume volume(String path, @Nullable Object value) {
        Fields mapping = Fields.inside(path, value);
        mapping.rejectOthersThan(List.of(DEVICE, EBS));
        String device = mapping.require(DEVICE);
        Fields ebs = Fields.inside(path + "Ebs.", mapping.require(EBS));
        ebs.rejectOthersThan(List.of(SIZE, VOLUME_TYPE, IOPS, THROUGHPUT, DELETE, ENCRYPTED));
        if (!ebs.get(ENCRYPTED, true)) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "'" + path + "Ebs.Encrypted' must be true, because the service encrypts every volume.");
        }
        return new Volume(
                device, ebs.get(SIZE), ebs.get(VOLUME_TYPE), ebs.get(IOPS), ebs.get(THROUGHPUT), ebs.get(DELETE, true));
    }

    private static Field<Object> object(String name) {
        return Field.<Object>of(name, "an object", value -> value instanceof Map<?, ?> ? value : null)
                .or(Character.toLowerCase(name.charAt(0)) + name.substring(1));
    }
}
