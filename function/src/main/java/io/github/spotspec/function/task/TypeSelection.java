package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.InstanceTypes.GpuRequirements;
import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import io.github.spotspec.function.ec2.InstanceTypes.Range;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Instance types, selected by name or by requirements.
 *
 * @param types the names; empty if {@code requirements} is given, or if all types are selected
 */
record TypeSelection(List<String> types, @Nullable InstanceRequirements requirements) {
    static final Field<List<String>> TYPES = Field.textList(
                    "types", 100, "instance types such as m7g.large", Syntax::isInstanceType)
            .or("type", "InstanceTypes", "instanceTypes", "InstanceType", "instanceType");
    static final Field<Range> VCPU =
            Field.of("vcpu", "a number such as 4, or a range such as 2-8 or 16-", TypeSelection::range);
    static final Field<Range> MEMORY =
            Field.of("memoryGiB", "a number such as 16, or a range such as 8-64 or 32-", TypeSelection::range);
    static final Field<String> ARCHITECTURE = Field.oneOf("architecture", List.of("arm64", "x86_64"));
    static final Field<Range> GPUS =
            Field.of("gpus", "a number such as 1, or a range such as 1-4 or 8-", TypeSelection::range);
    static final Field<List<String>> GPU_MODEL = Field.textList(
            "gpuModel",
            20,
            "of EC2's names of GPUs, such as T4, A10G or H100",
            name -> !name.isBlank() && Syntax.isPrintableText(name, 60));
    static final Field<Range> NEURON_DEVICES =
            Field.of("neuronDevices", "a number such as 1, or a range such as 1-6 or 16-", TypeSelection::range);
    static final Field<Range> LOCAL_STORAGE = Field.of(
            "localStorageGB", "a number such as 118, or a range such as 100-500 or 900-", TypeSelection::range);
    static final Field<Boolean> BURSTABLE = Field.bool("burstable");
    static final Field<List<String>> EXCLUDE = Field.textList(
            "exclude", 20, "patterns of instance types, such as m5.* or *.metal*", TypeSelection::isPattern);

    private static final List<Field<?>> REQUIREMENTS =
            List.of(VCPU, MEMORY, ARCHITECTURE, GPUS, GPU_MODEL, NEURON_DEVICES, LOCAL_STORAGE, BURSTABLE, EXCLUDE);

    /** The fields of a selection. */
    static final List<Field<?>> FIELDS =
            Stream.concat(Stream.of(TYPES), REQUIREMENTS.stream()).toList();

    private static final BigDecimal MAX_NUMBER = BigDecimal.valueOf(1_000_000);

    /** Reads a selection. All types are selected if the request gives neither types nor requirements. */
    static TypeSelection of(Fields fields) {
        List<String> types = fields.get(TYPES, List.of());
        List<Field<?>> given =
                REQUIREMENTS.stream().filter(field -> fields.get(field) != null).toList();
        if (given.isEmpty()) {
            return new TypeSelection(types, null);
        }
        if (!types.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'types' cannot be combined with " + names(given) + "; send one or the other.");
        }
        Range gpus = fields.get(GPUS);
        List<String> gpuModels = fields.get(GPU_MODEL, List.of());
        return new TypeSelection(
                types,
                new InstanceRequirements(
                        fields.get(VCPU),
                        fields.get(MEMORY),
                        fields.get(ARCHITECTURE),
                        gpus == null && gpuModels.isEmpty() ? null : new GpuRequirements(gpus, gpuModels),
                        fields.get(NEURON_DEVICES),
                        fields.get(LOCAL_STORAGE),
                        fields.get(BURSTABLE),
                        fields.get(EXCLUDE, List.of())));
    }

    boolean isAll() {
        return types.isEmpty() && requirements == null;
    }

    /**
     * Returns the names of the selected types in a region; an empty list means all types.
     *
     * @throws ServiceException if there are more than {@code most}
     */
    List<String> atMost(int most, String region, InstanceTypes instanceTypes, AwsCallContext callContext) {
        List<String> selected = in(region, instanceTypes, callContext);
        if (selected.size() > most) {
            throw new ServiceException(
                    ErrorCode.TOO_MANY_TYPES,
                    selected.size() + " types in " + region + " match, and this task accepts at most " + most
                            + "; narrow the requirements, or name the types.");
        }
        return selected;
    }

    /** Returns the names of the selected types in a region, however many; an empty list means all types. */
    List<String> in(String region, InstanceTypes instanceTypes, AwsCallContext callContext) {
        if (requirements == null) {
            return types;
        }
        List<String> fitting = instanceTypes.fitting(region, requirements, callContext);
        if (fitting.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "No Spot instance type in " + region + " meets all requirements; relax one of "
                            + names(REQUIREMENTS) + ".");
        }
        return fitting;
    }

    /**
     * Returns the types that the request names, that have no rows in a region, and that EC2 does not know there.
     *
     * @param has whether a type has rows
     */
    List<String> unknown(
            String region, Predicate<String> has, InstanceTypes instanceTypes, AwsCallContext callContext) {
        return instanceTypes.unknown(region, types.stream().filter(has.negate()).toList(), callContext);
    }

    /**
     * Writes which of the types that the request names are unknown in every region. Writes nothing if a region failed,
     * because that region may know them.
     *
     * @param unknown the unknown types by region
     * @throws ServiceException if all of the types are unknown
     */
    void describeUnknown(Map<String, List<String>> unknown, RegionFanOut<?> sweep, Map<String, Object> meta) {
        List<String> everywhere = types.stream()
                .filter(type -> unknown.values().stream().allMatch(names -> names.contains(type)))
                .toList();
        if (everywhere.isEmpty() || !sweep.failedRegions().isEmpty()) {
            return;
        }
        if (everywhere.size() == types.size()) {
            throw InstanceTypes.unknown(everywhere, unknown.keySet());
        }
        meta.put("unknownTypes", everywhere);
    }

    private static String names(List<Field<?>> fields) {
        return fields.stream()
                .map(field -> "'" + field.names().getFirst() + "'")
                .collect(Collectors.joining(", "));
    }

    /** Returns whether a text has only the characters of instance types and wildcards. */
    private static boolean isPattern(String text) {
        return !text.isEmpty()
                && text.length() <= 40
                && text.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "-.*?".indexOf(c) >= 0);
    }

    private static @Nullable Range range(Object value) {
        if (value instanceof BigDecimal number) {
            return number.signum() > 0 && number.compareTo(MAX_NUMBER) <= 0 ? new Range(number, number) : null;
        }
        if (!(value instanceof String text) || text.isEmpty() || text.length() > 20) {
            return null;
        }
        int dash = text.indexOf('-');
        BigDecimal least = number(dash < 0 ? text : text.substring(0, dash));
        BigDecimal most = dash < 0 ? least : dash == text.length() - 1 ? MAX_NUMBER : number(text.substring(dash + 1));
        if (least == null || most == null || most.compareTo(least) < 0) {
            return null;
        }
        return new Range(least, dash == text.length() - 1 ? null : most);
    }

    private static @Nullable BigDecimal number(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && c != '.') {
                return null;
            }
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return number.signum() > 0 && number.compareTo(MAX_NUMBER) <= 0 ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
