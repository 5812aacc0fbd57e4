package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import io.github.spotspec.function.ec2.InstanceTypes.Range;
import io.github.spotspec.function.runtime.Operator;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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

    /** The fields of a selection. */
    static final List<Field<?>> FIELDS = List.of(TYPES, VCPU, MEMORY, ARCHITECTURE);

    private static final BigDecimal MOST = BigDecimal.valueOf(100_000);

    /** Reads a selection. All types are selected if the request gives neither types nor requirements. */
    static TypeSelection of(Fields fields) {
        List<String> types = fields.get(TYPES, List.of());
        Range vcpu = fields.get(VCPU);
        Range memory = fields.get(MEMORY);
        String architecture = fields.get(ARCHITECTURE);
        boolean hasRequirements = vcpu != null || memory != null || architecture != null;
        if (hasRequirements && !types.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'types' cannot be combined with 'vcpu', 'memoryGiB' or 'architecture'; send one or the other.");
        }
        return new TypeSelection(types, hasRequirements ? new InstanceRequirements(vcpu, memory, architecture) : null);
    }

    boolean isAll() {
        return types.isEmpty() && requirements == null;
    }

    /**
     * Returns the names of the selected types in a region; an empty list means all types.
     *
     * @throws ServiceException if there are more than {@code most}
     */
    List<String> atMost(int most, String region, InstanceTypes instanceTypes, Operator operator) {
        List<String> selected = in(region, instanceTypes, operator);
        if (selected.size() > most) {
            throw new ServiceException(
                    ErrorCode.TOO_MANY_TYPES,
                    selected.size() + " types in " + region + " match, and this task accepts at most " + most
                            + "; narrow 'vcpu', 'memoryGiB' or 'architecture', or name the types.");
        }
        return selected;
    }

    /** Returns the names of the selected types in a region, however many; an empty list means all types. */
    List<String> in(String region, InstanceTypes instanceTypes, Operator operator) {
        if (requirements == null) {
            return types;
        }
        List<String> fitting = instanceTypes.fitting(region, requirements, operator);
        if (fitting.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "No Spot instance type in " + region + " matches 'vcpu', 'memoryGiB' and 'architecture'.");
        }
        return fitting;
    }

    /**
     * Returns the types that the request names, that have no rows in a region, and that EC2 does not know there.
     *
     * @param has whether a type has rows
     */
    List<String> unknown(String region, Predicate<String> has, InstanceTypes instanceTypes, Operator operator) {
        return instanceTypes.unknown(region, types.stream().filter(has.negate()).toList(), operator);
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

    private static @Nullable Range range(Object value) {
        if (value instanceof BigDecimal number) {
            return number.signum() > 0 && number.compareTo(MOST) <= 0 ? new Range(number, number) : null;
        }
        if (!(value instanceof String text) || text.isEmpty() || text.length() > 20) {
            return null;
        }
        int dash = text.indexOf('-');
        BigDecimal least = number(dash < 0 ? text : text.substring(0, dash));
        BigDecimal most = dash < 0 ? least : dash == text.length() - 1 ? MOST : number(text.substring(dash + 1));
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
            return number.signum() > 0 && number.compareTo(MOST) <= 0 ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
