package io.github.spotspec.function.keeper;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.LaunchTemplates;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the launch templates that launches left behind, because they were interrupted or EC2 did not answer. They
 * cost nothing, but a region has a quota of them. Thread-safe.
 */
final class LeftoverTemplates {
    /** No launch takes this long, so no launch still needs such a template. */
    private static final Duration LEFT_AFTER = Duration.ofHours(1);

    private final LaunchTemplates templates;

    LeftoverTemplates(LaunchTemplates templates) {
        this.templates = templates;
    }

    /**
     * A launch template that was left behind.
     *
     * @param failure why it could not be deleted, or null if it is deleted
     */
    record DeletedTemplate(String name, @Nullable ServiceException failure) {}

    /**
     * Deletes the deployment's old launch templates in a region.
     *
     * @throws ServiceException if EC2 does not list them
     */
    List<DeletedTemplate> delete(String region, AwsCallContext callContext, Instant now) {
        List<DeletedTemplate> deleted = new ArrayList<>();
        for (LaunchTemplates.ManagedTemplate template : templates.managed(region, callContext)) {
            if (template.created() == null
                    || Duration.between(template.created(), now).compareTo(LEFT_AFTER) < 0) {
                continue;
            }
            try {
                templates.delete(region, template.name(), callContext);
                deleted.add(new DeletedTemplate(template.name(), null));
            } catch (ServiceException failure) {
                deleted.add(new DeletedTemplate(template.name(), failure));
            }
        }
        return deleted;
    }
}
