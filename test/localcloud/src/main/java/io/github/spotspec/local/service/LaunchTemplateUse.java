package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.wire.AwsError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A launch template that a launch uses.
 *
 * @param overriding the parameters that override the template's
 * @param byFleet whether a fleet launches, and not the caller
 */
record LaunchTemplateUse(LaunchTemplate template, Map<String, String> overriding, boolean byFleet) {
    /** Returns the template that RunInstances names, or null if it names none. */
    static @Nullable LaunchTemplateUse of(LaunchTemplates templates, String region, Params params) {
        String prefix = "LaunchTemplate.";
        if (params.text(prefix + "LaunchTemplateId") == null && params.text(prefix + "LaunchTemplateName") == null) {
            return null;
        }
        LaunchTemplate template = template(templates, region, params, prefix);
        Map<String, String> overriding = new HashMap<>(params.under(""));
        overriding
                .keySet()
                .removeAll(List.of(
                        "Action",
                        "Version",
                        "DryRun",
                        prefix + "LaunchTemplateId",
                        prefix + "LaunchTemplateName",
                        prefix + "Version"));
        if (List.of(overriding, template.data()).stream()
                .allMatch(parameters -> parameters.containsKey("BlockDeviceMapping.1.DeviceName"))) {
            throw AwsError.unknown("block device mappings both in RunInstances and in its launch template");
        }
        return new LaunchTemplateUse(template, overriding, false);
    }

    /** Reads which template and version a call names. The version is the default one unless it is given. */
    static LaunchTemplate template(LaunchTemplates templates, String region, Params params, String prefix) {
        LaunchTemplate template = Ec2LaunchTemplates.get(
                templates,
                region,
                params.text(prefix + "LaunchTemplateId"),
                params.text(prefix + "LaunchTemplateName"));
        String version = params.text(prefix + "Version", "$Default");
        if (!List.of("$Default", "$Latest", LaunchTemplate.VERSION).contains(version)) {
            throw new AwsError(
                    400,
                    "InvalidLaunchTemplateId.VersionNotFound",
                    "Could not find the specified version " + version + " of the launch template with ID "
                            + template.id() + ".");
        }
        return template;
    }

    /** Returns the parameters of the launch, as RunInstances has them. */
    Params parameters() {
        return Params.of(LaunchParameters.merge(template.data(), overriding));
    }

    /** Returns whether the launch overrides a parameter, or one whose name begins with it. */
    boolean overrides(String parameter) {
        return overriding.keySet().stream().anyMatch(name -> name.startsWith(parameter));
    }

    /** Returns the condition key that says whether a resource comes from the template. */
    Map<String, List<String>> origin(String parameter) {
        boolean fromTemplate = !overrides(parameter);
        return fromTemplate && template.data().keySet().stream().noneMatch(name -> name.startsWith(parameter))
                ? Map.of()
                : Map.of("ec2:IsLaunchTemplateResource", List.of(Boolean.toString(fromTemplate)));
    }
}
