package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.CachedByKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.model.ProductCodeValues;
import software.amazon.awssdk.services.ssm.SsmClient;

/** Finds machine images by id, or by the public parameter that names the newest one. Caches them. Thread-safe. */
public final class Images {
    /** The prefix of a reference to a parameter, as in EC2's RunInstances. */
    public static final String RESOLVE = "resolve:ssm:";

    /** Public parameters change to newer images now and then. */
    private static final Duration CACHE_TTL = Duration.ofMinutes(5);

    private static final int MAX_CACHED_PARAMETERS = 1_000;

    private final Ec2Clients ec2;
    private final SdkHttpClient http;
    private final Map<String, SsmClient> clients = new ConcurrentHashMap<>();
    private final Map<String, Image> images = new ConcurrentHashMap<>();
    private final CachedByKey<String, String> resolved = new CachedByKey<>(CACHE_TTL, MAX_CACHED_PARAMETERS, id -> 1);

    /**
     * A machine image.
     *
     * @param ownerAlias EC2's name for a well-known owner, such as {@code amazon}
     * @param rootDevice the device name of the root volume, or null if the root is not an EBS volume
     * @param volumes the EBS volumes that the image creates
     * @param product EC2's product description of what runs on it, or null if EC2 has no spot price for it
     * @param architecture such as {@code arm64}, or null if EC2 does not return it
     * @param marketplace whether it belongs to an AWS Marketplace product, which an account must subscribe to
     */
    public record Image(
            String id,
            String ownerId,
            @Nullable String ownerAlias,
            @Nullable String rootDevice,
            List<Volume> volumes,
            @Nullable String product,
            @Nullable String architecture,
            boolean marketplace) {}

    /**
     * An EBS volume that an image creates.
     *
     * @param size the size in GiB, or null if EC2 does not return it
     * @param type EC2's name of the volume type, or null if EC2 does not return it
     * @param iops the provisioned IOPS, or null if EC2 does not return it
     * @param throughput the provisioned throughput in MiB per second, or null if EC2 does not return it
     */
    public record Volume(
            String device,
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput) {}

    public Images(Ec2Clients ec2, SdkHttpClient http) {
        this.ec2 = ec2;
        this.http = http;
    }

    /**
     * Returns an image.
     *
     * @param reference an image id, or {@value #RESOLVE} and the name of a public parameter
     * @throws ServiceException if there is no such image, or AWS does not answer
     */
    public Image find(String region, String reference, AwsCallContext callContext, Instant now) {
        String id = reference.startsWith(RESOLVE)
                ? resolve(region, reference.substring(RESOLVE.length()), callContext, now)
                : reference;
        Image image = images.get(region + id);
        if (image == null) {
            image = describe(region, id, callContext);
            images.put(region + id, image);
        }
        return image;
    }

    private Image describe(String region, String id, AwsCallContext callContext) {
        List<software.amazon.awssdk.services.ec2.model.Image> found;
        try {
            found = ec2.in(region)
                    .describeImages(request -> request.imageIds(id).overrideConfiguration(callContext::authorize))
                    .images();
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:DescribeImages", region, e);
        }
        if (found.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.EC2_REFUSED,
                    "Image " + id + " does not exist in " + region + ", or is not shared with the account.");
        }
        software.amazon.awssdk.services.ec2.model.Image image = found.getFirst();
        return new Image(
                id,
                // No list of allowed owners contains an empty id.
                image.ownerId() == null ? "" : image.ownerId(),
                image.imageOwnerAlias(),
                "ebs".equals(image.rootDeviceTypeAsString()) ? image.rootDeviceName() : null,
                image.blockDeviceMappings().stream()
                        .filter(mapping -> mapping.ebs() != null)
                        .map(mapping -> new Volume(
                                mapping.deviceName(),
                                mapping.ebs().volumeSize(),
                                mapping.ebs().volumeTypeAsString(),
                                mapping.ebs().iops(),
                                mapping.ebs().throughput()))
                        .toList(),
                Inventory.product(image.platformDetails()),
                image.architectureAsString(),
                image.productCodes().stream()
                        .anyMatch(code -> code.productCodeType() == ProductCodeValues.MARKETPLACE));
    }

    private String resolve(String region, String parameter, AwsCallContext callContext, Instant now) {
        String known = resolved.get(region + parameter, now);
        if (known != null) {
            return known;
        }
        try {
            String id = clients.computeIfAbsent(region, this::client)
                    .getParameter(request -> request.name(parameter).overrideConfiguration(callContext::authorize))
                    .parameter()
                    .value();
            resolved.put(region + parameter, id, now);
            return id;
        } catch (SdkException e) {
            if (Ec2Errors.isParameterNotFound(e)) {
                throw new ServiceException(
                        ErrorCode.EC2_REFUSED,
                        "The public parameter " + parameter + " does not exist in " + region + ".");
            }
            throw Ec2Errors.toException("ssm:GetParameter", region, e);
        }
    }

    private SsmClient client(String region) {
        return AwsClients.build(SsmClient.builder(), Region.of(region), http, AwsClients.noCredentials());
    }
}
