package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.Ec2Api.failIfDryRun;
import static io.github.spotspec.local.service.Ec2Api.filters;
import static io.github.spotspec.local.service.Ec2Api.fits;
import static io.github.spotspec.local.service.Ec2Api.fitsTags;

import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * EC2's actions on launch templates. EC2 authorizes what a template holds when it launches from it, and not when it
 * creates it (EC2 user guide, "IAM permissions required for Amazon EC2 launch templates").
 */
final class Ec2LaunchTemplates {
    private static final int MAX_RESULTS = 200;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9().\\-/_]{3,128}");
    private static final Pattern ID = Pattern.compile("lt-[0-9a-f]{8,17}");
    private static final String DATA = "LaunchTemplateData.";

    private final LaunchTemplates templates;
    private final String account;

    Ec2LaunchTemplates(LaunchTemplates templates, String account) {
        this.templates = templates;
        this.account = account;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of(
                "CreateLaunchTemplate", this::createLaunchTemplate,
                "DescribeLaunchTemplates", this::describeLaunchTemplates,
                "DeleteLaunchTemplate", this::deleteLaunchTemplate);
    }

    private Consumer<Xml> createLaunchTemplate(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        String name = params.required("LaunchTemplateName");
        String clientToken = params.text("ClientToken");
        params.text("VersionDescription");
        Map<String, Map<String, String>> tags = Ec2Tags.readSpecifications(params);
        Map<String, String> data = params.under(DATA);
        params.refuseUnread("ec2:CreateLaunchTemplate");
        checkData(data);
        for (String type : tags.keySet()) {
            if (!type.equals("launch-template")) {
                throw new AwsError(
                        400,
                        "InvalidParameterValue",
                        "'" + type + "' is not a valid taggable resource type for this operation.");
            }
        }
        Map<String, String> own = tags.getOrDefault("launch-template", Map.of());
        String resource = arn(call.region(), "*");
        call.authorize("ec2:CreateLaunchTemplate", resource, Ec2Launches.requestTags(own), List.of());
        Ec2Launches.authorizeTags(call, "CreateLaunchTemplate", resource, own);
        if (!NAME.matcher(name).matches()) {
            throw new AwsError(
                    400,
                    "InvalidLaunchTemplateName.MalformedException",
                    "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and"
                            + " the following characters: - ( ) . / _.");
        }
        failIfDryRun(dryRun);
        LaunchTemplate created = templates.create(
                call.region(), name, call.principal().arn(), own, data, clientToken, params.allBut("ClientToken"));
        return xml -> xml.nest("launchTemplate", item -> describe(item, created));
    }

    /** Checks the syntax only. EC2 finds out at launch whether the named resources exist. */
    private static void checkData(Map<String, String> data) {
        if (data.isEmpty()) {
            throw new AwsError(400, "MissingParameter", "The request must contain the parameter LaunchTemplateData");
        }
        LaunchParameters.refuseUnknown(data);
        Params params = Params.of(data);
        Ec2Launches.userData(params);
        for (String type : Ec2Tags.readSpecifications(params).keySet()) {
            if (!List.of("instance", "volume", "spot-instances-request").contains(type)) {
                throw AwsError.unknown("launch template tags of " + type);
            }
        }
    }

    private Consumer<Xml> describeLaunchTemplates(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("LaunchTemplateId");
        List<String> names = params.list("LaunchTemplateName");
        Map<String, List<String>> filters = filters(params, List.of("launch-template-name"));
        int size = params.whole("MaxResults", MAX_RESULTS);
        String token = params.text("NextToken");
        params.refuseUnread("ec2:DescribeLaunchTemplates");
        call.authorize("ec2:DescribeLaunchTemplates", "*");
        failIfDryRun(dryRun);
        if (size < 1 || size > MAX_RESULTS) {
            throw new AwsError(400, "InvalidParameterValue", "MaxResults must be between 1 and " + MAX_RESULTS + ".");
        }
        List<LaunchTemplate> found = named(call.region(), ids, names).stream()
                .filter(template ->
                        fits(filters, "launch-template-name", template.name()) && fitsTags(filters, template.tags()))
                .toList();
        Ec2Api.Page<LaunchTemplate> page = Ec2Api.page(found, size, token);
        return xml -> xml.list("launchTemplates", "item", page.shown(), Ec2LaunchTemplates::describe)
                .put("nextToken", page.next().isEmpty() ? null : page.next());
    }

    private List<LaunchTemplate> named(String region, List<String> ids, List<String> names) {
        if (!ids.isEmpty() && !names.isEmpty()) {
            throw AwsError.unknown("a list of both ids and names of launch templates");
        }
        if (ids.isEmpty() && names.isEmpty()) {
            return templates.list(region);
        }
        List<LaunchTemplate> found = new ArrayList<>();
        ids.forEach(id -> found.add(get(templates, region, id, null)));
        names.forEach(name -> found.add(get(templates, region, null, name)));
        return found;
    }

    private Consumer<Xml> deleteLaunchTemplate(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        LaunchTemplate template =
                get(templates, call.region(), params.text("LaunchTemplateId"), params.text("LaunchTemplateName"));
        params.refuseUnread("ec2:DeleteLaunchTemplate");
        call.authorize(
                "ec2:DeleteLaunchTemplate", arn(call.region(), template.id()), resourceTags(template), List.of());
        failIfDryRun(dryRun);
        templates.delete(template);
        return xml -> xml.nest("launchTemplate", item -> describe(item, template));
    }

    /** Returns a template, or fails as EC2 does if the id is malformed or the template does not exist. */
    static LaunchTemplate get(LaunchTemplates templates, String region, @Nullable String id, @Nullable String name) {
        if (id != null && !ID.matcher(id).matches()) {
            throw new AwsError(
                    400, "InvalidLaunchTemplateId.Malformed", "The launch template ID '" + id + "' is malformed.");
        }
        return templates.get(region, id, name);
    }

    /** Returns the condition keys of a template's tags. */
    static Map<String, List<String>> resourceTags(LaunchTemplate template) {
        Map<String, List<String>> context = new TreeMap<>();
        template.tags().forEach((key, value) -> {
            context.put("aws:ResourceTag/" + key, List.of(value));
            context.put("ec2:ResourceTag/" + key, List.of(value));
        });
        return context;
    }

    private String arn(String region, String id) {
        return "arn:aws:ec2:" + region + ":" + account + ":launch-template/" + id;
    }

    private static void describe(Xml item, LaunchTemplate template) {
        item.put("launchTemplateId", template.id())
                .put("launchTemplateName", template.name())
                .put("createTime", template.created())
                .put("createdBy", template.createdBy())
                .put("defaultVersionNumber", LaunchTemplate.VERSION)
                .put("latestVersionNumber", LaunchTemplate.VERSION);
        Ec2Instances.tags(item, template.tags());
    }
}
