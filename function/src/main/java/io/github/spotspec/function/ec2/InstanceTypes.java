package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Wildcard;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesResponse;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.GpuDeviceInfo;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.NeuronDeviceInfo;

/** Finds instance types that meet requirements with EC2's DescribeInstanceTypes. Caches recent results. Thread-safe. */
public final class InstanceTypes {
    /** The architectures of Spot Instances that have public images, as EC2 names them. */
    public static final List<String> ARCHITECTURES = List.of("arm64", "x86_64");

    private static final int PAGE = 100;
    private static final int MIB_PER_GIB = 1024;

    /** EC2 accepts at most this many values in a filter. */
    private static final int MAX_VALUES = 200;

    /** The maximum number of cached requirements; once it is reached, the cache is cleared. */
    private static final int MAX_KNOWN = 100;

    private final Ec2Clients ec2;
    private final Map<String, List<String>> known = new ConcurrentHashMap<>();
    private final Map<String, String> architectures = new ConcurrentHashMap<>();

    /**
     * The requirements that a type must meet; null requires nothing. A type for which EC2 does not return what a
     * requirement is about does not meet it.
     *
     * <p>Caches and launch ids use the text of this record, so requirements that mean the same must have the same text.
     *
     * @param vcpu the number of virtual CPUs
     * @param memoryGiB the memory in GiB
     * @param architecture {@code arm64} or {@code x86_64}
     * @param gpus the number and the models of the GPUs
     * @param neuronDevices the number of Neuron devices: AWS Inferentia and AWS Trainium chips
     * @param localStorageGB the total size of the disks of the instance store in GB, the unit in which EC2 returns it
     * @param burstable whether the type is a burstable performance instance type
     * @param exclude patterns that the name must not match, with the wildcards of {@link Wildcard}
     */
    public record InstanceRequirements(
            @Nullable Range vcpu,
            @Nullable Range memoryGiB,
            @Nullable String architecture,
            @Nullable GpuRequirements gpus,
            @Nullable Range neuronDevices,
            @Nullable Range localStorageGB,
            @Nullable Boolean burstable,
            List<String> exclude) {
        public InstanceRequirements {
            exclude = exclude.stream().distinct().sorted().toList();
        }

        /** Returns the same requirements with another architecture. */
        public InstanceRequirements withArchitecture(String name) {
            return new InstanceRequirements(
                    vcpu, memoryGiB, name, gpus, neuronDevices, localStorageGB, burstable, exclude);
        }
    }

    /**
     * The GPUs that a type must have.
     *
     * @param count the number of whole GPUs
     * @param models EC2's names of GPUs, such as {@code T4}, in any case; empty if any model will do
     */
    public record GpuRequirements(@Nullable Range count, List<String> models) {
        public GpuRequirements {
            models = models.stream()
                    .map(model -> model.toUpperCase(Locale.ROOT))
                    .distinct()
                    .sorted()
                    .toList();
        }

        private boolean isModel(@Nullable String name) {
            return models.isEmpty() || (name != null && models.contains(name.toUpperCase(Locale.ROOT)));
        }
    }

    /**
     * A range of numbers that includes both ends. Without an upper end, it includes everything from the lower end up.
     */
    public record Range(BigDecimal min, @Nullable BigDecimal max) {
        boolean contains(BigDecimal number) {
            return number.compareTo(min) >= 0 && (max == null || number.compareTo(max) <= 0);
        }

        boolean contains(long number) {
            return contains(BigDecimal.valueOf(number));
        }
    }

    public InstanceTypes(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the types in a region that support Spot Instances and encrypted volumes and meet the requirements, sorted
     * by name.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public List<String> fitting(String region, InstanceRequirements need, AwsCallContext callContext) {
        String key = region + need;
        List<String> found = known.get(key);
        if (found == null) {
            try {
                found = read(region, need, callContext);
            } catch (SdkException e) {
                throw Ec2Errors.toException("ec2:DescribeInstanceTypes", region, e);
            }
            if (known.size() >= MAX_KNOWN) {
                known.clear();
            }
            known.put(key, found);
        }
        return found;
    }

    private List<String> read(String region, InstanceRequirements need, AwsCallContext callContext) {
        DescribeInstanceTypesRequest.Builder request = DescribeInstanceTypesRequest.builder()
                .filters(filters(need))
                .maxResults(PAGE)
                .overrideConfiguration(callContext::authorize);
        return types(region, request, page -> fitting(page, need)).stream()
                .sorted()
                .toList();
    }

    /** Returns what EC2 can filter by. It cannot filter by GPUs and Neuron devices, or by what a type must not be. */
    private static List<Filter> filters(InstanceRequirements need) {
        List<Filter> filters = new ArrayList<>();
        filters.add(filter("supported-usage-class", "spot"));
        // The oldest types do not support encrypted volumes, and the deployment launches only encrypted ones. Types of
        // earlier generations that support them are included.
        filters.add(filter("ebs-info.encryption-support", "supported"));
        if (need.architecture() != null) {
            filters.add(filter("processor-info.supported-architecture", need.architecture()));
        }
        List<String> counts = wholeNumbers(need.vcpu());
        if (!counts.isEmpty()) {
            filters.add(filter("vcpu-info.default-vcpus", counts));
        }
        if (need.localStorageGB() != null) {
            List<String> sizes = wholeNumbers(need.localStorageGB());
            filters.add(
                    sizes.isEmpty()
                            ? filter("instance-storage-supported", "true")
                            : filter("instance-storage-info.total-size-in-gb", sizes));
        }
        if (need.burstable() != null) {
            filters.add(
                    filter("burstable-performance-supported", need.burstable().toString()));
        }
        return filters;
    }

    private static Filter filter(String name, String value) {
        return filter(name, List.of(value));
    }

    private static Filter filter(String name, List<String> values) {
        return Filter.builder().name(name).values(values).build();
    }

    private static List<String> fitting(List<InstanceTypeInfo> types, InstanceRequirements need) {
        return types.stream()
                .filter(type -> need.vcpu() == null || hasVcpu(type, need.vcpu()))
                .filter(type -> need.memoryGiB() == null || hasMemory(type, need.memoryGiB()))
                .filter(type -> need.gpus() == null || hasGpus(type, need.gpus()))
                .filter(type -> need.neuronDevices() == null || hasNeuronDevices(type, need.neuronDevices()))
                .filter(type -> need.localStorageGB() == null || hasLocalStorage(type, need.localStorageGB()))
                .filter(type ->
                        need.burstable() == null || need.burstable().equals(type.burstablePerformanceSupported()))
                .map(InstanceTypeInfo::instanceTypeAsString)
                .filter(Objects::nonNull)
                .filter(name -> need.exclude().stream().noneMatch(pattern -> Wildcard.matches(pattern, name)))
                .toList();
    }

    /** Returns whether the number of CPUs of a type is in a range; false if EC2 does not return the number. */
    private static boolean hasVcpu(InstanceTypeInfo type, Range vcpu) {
        return type.vCpuInfo() != null
                && type.vCpuInfo().defaultVCpus() != null
                && vcpu.contains(type.vCpuInfo().defaultVCpus());
    }

    private static boolean hasMemory(InstanceTypeInfo type, Range gibibytes) {
        return type.memoryInfo() != null
                && type.memoryInfo().sizeInMiB() != null
                && gibibytes.contains(
                        BigDecimal.valueOf(type.memoryInfo().sizeInMiB()).divide(BigDecimal.valueOf(MIB_PER_GIB)));
    }

    /**
     * Returns whether a type has GPUs of the right model and number. EC2 gives types with a part of a GPU, such as
     * g6f.large, the number 0. How large the part is cannot be read, because the SDK lacks EC2's LogicalGpuCount and
     * GpuPartitionSize. Such a type is therefore found by its model, but never by a number.
     */
    private static boolean hasGpus(InstanceTypeInfo type, GpuRequirements need) {
        List<GpuDeviceInfo> gpus = type.gpuInfo() == null
                ? List.of()
                : type.gpuInfo().gpus().stream()
                        .filter(gpu -> need.isModel(gpu.name()))
                        .toList();
        return !gpus.isEmpty() && (need.count() == null || isTotalIn(need.count(), gpus, GpuDeviceInfo::count));
    }

    private static boolean hasNeuronDevices(InstanceTypeInfo type, Range count) {
        return type.neuronInfo() != null
                && isTotalIn(count, type.neuronInfo().neuronDevices(), NeuronDeviceInfo::count);
    }

    /** Returns whether the devices of all kinds together are in a range; false if EC2 does not return each number. */
    private static <D> boolean isTotalIn(Range range, List<D> devices, Function<D, @Nullable Integer> count) {
        long total = 0;
        for (D device : devices) {
            Integer number = count.apply(device);
            if (number == null) {
                return false;
            }
            total += number;
        }
        return range.contains(total);
    }

    private static boolean hasLocalStorage(InstanceTypeInfo type, Range gigabytes) {
        return type.instanceStorageInfo() != null
                && type.instanceStorageInfo().totalSizeInGB() != null
                && gigabytes.contains(type.instanceStorageInfo().totalSizeInGB());
    }

    /**
     * Returns the types that EC2 does not know in a region, because they do not exist or are not offered there. If EC2
     * does not answer, all types count as known, because this call only helps to explain an answer.
     *
     * @param names at most {@value #MAX_VALUES} types; if the list is empty, EC2 is not called
     */
    public List<String> unknown(String region, List<String> names, AwsCallContext callContext) {
        if (names.isEmpty()) {
            return names;
        }
        // Filters instead of passing names, because one name that does not exist would fail the whole call.
        DescribeInstanceTypesRequest.Builder request = DescribeInstanceTypesRequest.builder()
                .filters(filter("instance-type", names))
                .maxResults(PAGE)
                .overrideConfiguration(callContext.forOptionalCalls()::authorize);
        try {
            List<String> found = types(
                    region,
                    request,
                    page -> page.stream()
                            .map(InstanceTypeInfo::instanceTypeAsString)
                            .toList());
            return names.stream().filter(name -> !found.contains(name)).toList();
        } catch (SdkException | ServiceException unanswered) {
            return List.of();
        }
    }

    /**
     * Returns the architecture of each type, one of {@link #ARCHITECTURES}, without types that EC2 does not know in the
     * region. Caches the results, because the architecture of a type never changes.
     *
     * @param names at most {@value #MAX_VALUES} types
     * @throws ServiceException if EC2 does not answer
     */
    public Map<String, String> architectures(String region, List<String> names, AwsCallContext callContext) {
        if (!names.stream().allMatch(name -> architectures.containsKey(region + name))) {
            DescribeInstanceTypesRequest.Builder request = DescribeInstanceTypesRequest.builder()
                    .filters(
                            Filter.builder().name("instance-type").values(names).build())
                    .maxResults(PAGE)
                    .overrideConfiguration(callContext::authorize);
            try {
                Pages.all(
                                token -> ec2.in(region)
                                        .describeInstanceTypes(
                                                request.nextToken(token).build()),
                                DescribeInstanceTypesResponse::nextToken,
                                DescribeInstanceTypesResponse::instanceTypes)
                        .forEach(type -> architecture(type)
                                .ifPresent(found -> architectures.put(region + type.instanceTypeAsString(), found)));
            } catch (SdkException e) {
                throw Ec2Errors.toException("ec2:DescribeInstanceTypes", region, e);
            }
        }
        Map<String, String> found = new HashMap<>();
        for (String name : names) {
            String architecture = architectures.get(region + name);
            if (architecture != null) {
                found.put(name, architecture);
            }
        }
        return found;
    }

    private static Optional<String> architecture(InstanceTypeInfo type) {
        return type.processorInfo() == null || type.instanceTypeAsString() == null
                ? Optional.empty()
                : ARCHITECTURES.stream()
                        .filter(type.processorInfo().supportedArchitecturesAsStrings()::contains)
                        .findFirst();
    }

    /**
     * What EC2 says about hibernating instances of a type.
     *
     * @param memoryMiB the memory in MiB, or null if EC2 does not return it
     */
    public record Hibernation(boolean supported, @Nullable Long memoryMiB) {}

    /**
     * Returns what EC2 says about hibernating instances of each type, without types that EC2 does not know in the
     * region.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Map<String, Hibernation> hibernation(String region, List<String> names, AwsCallContext callContext) {
        Map<String, Hibernation> found = new HashMap<>();
        for (int i = 0; i < names.size(); i += MAX_VALUES) {
            List<String> some = names.subList(i, Math.min(i + MAX_VALUES, names.size()));
            DescribeInstanceTypesRequest.Builder request = DescribeInstanceTypesRequest.builder()
                    .filters(Filter.builder().name("instance-type").values(some).build())
                    .maxResults(PAGE)
                    .overrideConfiguration(callContext::authorize);
            try {
                Pages.all(
                                token -> ec2.in(region)
                                        .describeInstanceTypes(
                                                request.nextToken(token).build()),
                                DescribeInstanceTypesResponse::nextToken,
                                DescribeInstanceTypesResponse::instanceTypes)
                        .forEach(type -> found.put(
                                type.instanceTypeAsString(),
                                new Hibernation(
                                        Boolean.TRUE.equals(type.hibernationSupported()),
                                        type.memoryInfo() == null
                                                ? null
                                                : type.memoryInfo().sizeInMiB())));
            } catch (SdkException e) {
                throw Ec2Errors.toException("ec2:DescribeInstanceTypes", region, e);
            }
        }
        return found;
    }

    /** Returns the exception for a request that names only types that EC2 does not know in these regions. */
    public static ServiceException unknown(List<String> names, Collection<String> regions) {
        return new ServiceException(
                ErrorCode.UNKNOWN_TYPE,
                "EC2 has no instance type " + String.join(" or ", names) + " in " + String.join(", ", regions)
                        + "; correct 'types', or ask for another region.");
    }

    private List<String> types(
            String region,
            DescribeInstanceTypesRequest.Builder request,
            Function<List<InstanceTypeInfo>, List<String>> names) {
        return Pages.all(
                token -> ec2.in(region)
                        .describeInstanceTypes(request.nextToken(token).build()),
                DescribeInstanceTypesResponse::nextToken,
                page -> names.apply(page.instanceTypes()));
    }

    /**
     * Returns the whole numbers in a range as filter values, or an empty list if there is no upper end or there are too
     * many.
     */
    private static List<String> wholeNumbers(@Nullable Range range) {
        if (range == null || range.max() == null) {
            return List.of();
        }
        List<String> numbers = IntStream.rangeClosed(
                        range.min().intValue(), range.max().intValue())
                .limit(MAX_VALUES + 1L)
                .mapToObj(Integer::toString)
                .toList();
        return numbers.size() > MAX_VALUES ? List.of() : numbers;
    }
}
