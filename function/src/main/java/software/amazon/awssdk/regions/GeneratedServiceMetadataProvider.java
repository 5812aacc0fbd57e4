package software.amazon.awssdk.regions;

/**
 * Replaces the SDK's class of the same name. The SDK's class builds a table of all 313 services for the first client,
 * which is a fifth of what a cold start loads, although the client then derives its endpoint from its service's own
 * rules. This class treats every service as the SDK treats a service that is not in the table.
 *
 * <p>Remove this class with the first SDK that does not read the table (aws-sdk-java-v2 #7161).
 */
public final class GeneratedServiceMetadataProvider implements ServiceMetadataProvider {
    @Override
    public ServiceMetadata serviceMetadata(String endpointPrefix) {
        return new DefaultServiceMetadata(endpointPrefix);
    }
}
