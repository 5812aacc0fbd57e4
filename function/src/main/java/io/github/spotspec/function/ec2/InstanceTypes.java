package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.operator.Operator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesResponse;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;

/** Instance types by what they have, from EC2's DescribeInstanceTypes. Keeps what it has learnt last. Thread-safe. */
public final class InstanceTypes {
    private static final int PAGE = 100;
    private static final int MIB_PER_GIB = 1024;

    /** EC2 takes at most this many values in a filter. */
    private static final int MOST_VALUES = 200;

    /** So many needs are remembered; after that, it begins anew. */
    private static final int MOST_KNOWN = 100;

    private final Ec2Regions ec2;
    private final Map<String, List<String>> known = new ConcurrentHashMap<>();

    /**
     * What a type must have.
     *
     * @param vcpu number of virtual CPUs
     * @param memoryGiB memory in GiB
     * @param architecture {@code arm64} or {@code x86_64}
     */
    public record Need(
            @Nullable Range vcpu,
            @Nullable Range memoryGiB,
            @Nullable String architecture) {}

    /** A range of numbers, both ends included; without an upper end, everything from the lower one on. */
    public record Range(BigDecimal least, @Nullable BigDecimal most) {
        boolean holds(BigDecimal number) {
            return number.compareTo(least) >= 0 && (most == null || number.compareTo(most) <= 0);
        }
    }

    public InstanceTypes(Ec2Regions ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the types of a region that can be had as spot, with encrypted volumes, and have what is needed, in the order
     * of their names.
     *
     * @throws Refusal if EC2 does not answer
     */
    public List<String> fitting(String region, Need need, Operator operator) {
        String key = region + need;
        List<String> found = known.get(key);
        if (found == null) {
            try {
                found = read(region, need, operator);
            } catch (SdkException e) {
                throw Ec2Errors.refusal("ec2:DescribeInstanceTypes", region, e);
            }
            if (known.size() >= MOST_KNOWN) {
                known.clear();
            }
            known.put(key, found);
        }
        return found;
    }

    private List<String> read(String region, Need need, Operator operator) {
        List<Filter> filters = new ArrayList<>();
        filters.add(
                Filter.builder().name("supported-usage-class").values("spot").build());
        // The oldest types take no encrypted volumes, and no other may be launched. Those of former generations that do
        // are as good as any.
        filters.add(Filter.builder()
                .name("ebs-info.encryption-support")
                .values("supported")
                .build());
        if (need.architecture() != null) {
            filters.add(Filter.builder()
                    .name("processor-info.supported-architecture")
                    .values(need.architecture())
                    .build());
        }
        List<String> counts = counts(need.vcpu());
        if (!counts.isEmpty()) {
            filters.add(Filter.builder()
                    .name("vcpu-info.default-vcpus")
                    .values(counts)
                    .build());
        }
        DescribeInstanceTypesRequest.Builder request = DescribeInstanceTypesRequest.builder()
                .filters(filters)
                .maxResults(PAGE)
                .overrideConfiguration(operator::authorize);
        return Pages.all(
                        token -> ec2.in(region)
                                .describeInstanceTypes(request.nextToken(token).build()),
                        DescribeInstanceTypesResponse::nextToken,
                        page -> fitting(page.instanceTypes(), need))
                .stream()
                .sorted()
                .toList();
    }

    private static List<String> fitting(List<InstanceTypeInfo> types, Need need) {
        return types.stream()
                .filter(type -> need.vcpu() == null
                        || need.vcpu().holds(BigDecimal.valueOf(type.vCpuInfo().defaultVCpus())))
                .filter(type -> need.memoryGiB() == null
                        || need.memoryGiB()
                                .holds(BigDecimal.valueOf(type.memoryInfo().sizeInMiB())
                                        .divide(BigDecimal.valueOf(MIB_PER_GIB))))
                .map(type -> type.instanceTypeAsString())
                .toList();
    }

    /** Returns the counts of a range as a filter takes them; none where they would be too many. */
    private static List<String> counts(@Nullable Range range) {
        if (range == null || range.most() == null) {
            return List.of();
        }
        List<String> counts = IntStream.rangeClosed(
                        range.least().intValue(), range.most().intValue())
                .limit(MOST_VALUES + 1L)
                .mapToObj(Integer::toString)
                .toList();
        return counts.size() > MOST_VALUES ? List.of() : counts;
    }
}
