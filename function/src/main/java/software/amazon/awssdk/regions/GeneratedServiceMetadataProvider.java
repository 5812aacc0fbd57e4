package software.amazon.awssdk.regions;

/**
 * Takes the place of the SDK's class of this name, whose table of all 313 services is made with the first client: a
 * fifth of what a start loads, for an endpoint that the client then works out by its service's own rules. Every service
 * is to it what one that is not in the table is to the SDK. Later SDKs ask for no table (aws-sdk-java-v2 #7161); with
 * one of them, this class goes.
 */
public final class GeneratedServiceMetadataProvider implements ServiceMetadataProvider {
    @Override
    public ServiceMetadata serviceMetadata(String endpointPrefix) {
        return new DefaultServiceMetadata(endpointPrefix);
    }
}
