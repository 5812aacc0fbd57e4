package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateRequest;
import software.amazon.awssdk.services.ec2.model.DescribeLaunchTemplatesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeLaunchTemplatesResponse;
import software.amazon.awssdk.services.ec2.model.Filter;

/**
 * The deployment's launch templates. EC2 Fleet launches only from a launch template, so each launch with a fleet
 * creates some and deletes them afterwards. Thread-safe.
 */
public final class LaunchTemplates {
    private static final int PAGE = 200;

    private final Ec2Clients ec2;
    private final String service;

    /**
     * Creates the access to a deployment's launch templates.
     *
     * @param service the deployment's name, which is in the tag of its launch templates
     */
    public LaunchTemplates(Ec2Clients ec2, String service) {
        this.ec2 = ec2;
        this.service = service;
    }

    /**
     * A launch template of the deployment.
     *
     * @param created when it was created, or null if EC2 does not return it
     */
    public record ManagedTemplate(String name, @Nullable Instant created) {}

    /**
     * Creates a launch template unless one of its name exists. The name must depend on the whole content, so that an
     * existing template has the same content.
     *
     * @throws SdkException if EC2 does not create it
     */
    public void create(String region, CreateLaunchTemplateRequest.Builder request, AwsCallContext callContext) {
        try {
            ec2.in(region)
                    .createLaunchTemplate(request.overrideConfiguration(callContext::authorize)
                            .build());
        } catch (SdkException e) {
            if (!Ec2Errors.isTemplateNameUsed(e)) {
                throw e;
            }
        }
    }

    /**
     * Returns the launch templates that carry the deployment's tag.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public List<ManagedTemplate> managed(String region, AwsCallContext callContext) {
        DescribeLaunchTemplatesRequest.Builder request = DescribeLaunchTemplatesRequest.builder()
                .filters(Filter.builder()
                        .name("tag:" + Tags.SERVICE)
                        .values(service)
                        .build())
                .maxResults(PAGE)
                .overrideConfiguration(callContext::authorize);
        try {
            return Pages.all(
                            token -> ec2.in(region)
                                    .describeLaunchTemplates(
                                            request.nextToken(token).build()),
                            DescribeLaunchTemplatesResponse::nextToken,
                            DescribeLaunchTemplatesResponse::launchTemplates)
                    .stream()
                    .filter(template -> template.launchTemplateName() != null)
                    .map(template -> new ManagedTemplate(template.launchTemplateName(), template.createTime()))
                    .toList();
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:DescribeLaunchTemplates", region, e);
        }
    }

    /**
     * Deletes a launch template. Does nothing if EC2 does not know it.
     *
     * @throws ServiceException if EC2 does not delete it
     */
    public void delete(String region, String name, AwsCallContext callContext) {
        try {
            ec2.in(region)
                    .deleteLaunchTemplate(
                            request -> request.launchTemplateName(name).overrideConfiguration(callContext::authorize));
        } catch (SdkException e) {
            if (!Ec2Errors.isTemplateUnknown(e)) {
                throw Ec2Errors.toException("ec2:DeleteLaunchTemplate", region, e);
            }
        }
    }
}
