package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * EC2's launch templates and instant fleets. A fleet tries the pools with the most capacity first. Guarded by its
 * {@link FakeEc2}.
 */
public final class FakeFleets {
    private final FakeEc2 ec2;
    private final FakeCatalog catalog;
    private final FakeLaunches launches;
    private final Map<String, Template> templates = new LinkedHashMap<>();
    private final Map<String, Created> tokens = new HashMap<>();
    private final Map<String, String> errors = new HashMap<>();

    private record Template(String region, String name, Instant created, Instant shown, AwsCall call) {}

    private record Created(Map<String, String> parameters, AwsResponse response) {}

    private record Source(
            AwsCall template,
            String region,
            String type,
            String zone,
            @Nullable String subnet,
            @Nullable String maxPrice) {
        String pool() {
            return zone + " " + type;
        }
    }

    FakeFleets(FakeEc2 ec2, FakeCatalog catalog, FakeLaunches launches) {
        this.ec2 = ec2;
        this.catalog = catalog;
        this.launches = launches;
    }

    /** Makes fleets report an error for a pool, and launch nothing in it. */
    public void fail(String zone, String type, String code) {
        errors.put(zone + " " + type, code);
    }

    /** Makes fleets work in all pools again. */
    public void failNoMore() {
        errors.clear();
    }

    /** Returns the names of the templates of a region, including those that EC2 does not show yet. */
    public List<String> templates(String region) {
        return inRegion(region).map(Template::name).toList();
    }

    /** Adds a template of the deployment that was created some seconds ago. */
    public void add(String region, String name, int secondsAgo) {
        Instant created = ec2.now().minusSeconds(secondsAgo);
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("TagSpecification.1.ResourceType", "launch-template");
        parameters.put("TagSpecification.1.Tag.1.Key", "spotspec:service");
        parameters.put("TagSpecification.1.Tag.1.Value", FakeEc2.SERVICE);
        templates.put(
                region + " " + name, new Template(region, name, created, created, new AwsCall(region, "", parameters)));
    }

    AwsResponse createTemplate(AwsCall call) {
        String name = call.text("LaunchTemplateName");
        if (templates.containsKey(call.region() + " " + name)) {
            return AwsResponse.error(
                    400, "InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
        }
        Instant now = ec2.now();
        templates.put(
                call.region() + " " + name, new Template(call.region(), name, now, now.plus(ec2.invisible()), call));
        return AwsResponse.of(
                call.action(), "<launchTemplate>" + element("launchTemplateName", name) + "</launchTemplate>");
    }

    AwsResponse deleteTemplate(AwsCall call) {
        String name = call.text("LaunchTemplateName");
        if (shown(call.region(), name) == null) {
            return unknown(name);
        }
        templates.remove(call.region() + " " + name);
        return AwsResponse.of(
                call.action(), "<launchTemplate>" + element("launchTemplateName", name) + "</launchTemplate>");
    }

    AwsResponse describeTemplates(AwsCall call) {
        List<String> services = Objects.requireNonNull(call.filter("tag:spotspec:service"));
        return AwsResponse.of(
                call.action(),
                list(
                        "launchTemplates",
                        inRegion(call.region())
                                .filter(template -> shown(call.region(), template.name()) != null
                                        && services.contains(String.valueOf(template.call()
                                                .tagsOf("launch-template")
                                                .get("spotspec:service"))))
                                .map(template -> element("launchTemplateName", template.name())
                                        + element("createTime", template.created()))
                                .toList()));
    }

    AwsResponse createFleet(AwsCall call) {
        List<Source> overrides = new ArrayList<>();
        for (int i = 1; call.hasParameter("LaunchTemplateConfigs." + i); i++) {
            String config = "LaunchTemplateConfigs." + i + ".";
            String name = call.text(config + "LaunchTemplateSpecification.LaunchTemplateName");
            Template template = shown(call.region(), name);
            if (template == null) {
                return unknown(name);
            }
            for (int j = 1; call.hasParameter(config + "Overrides." + j); j++) {
                overrides.add(source(call, template, config + "Overrides." + j + "."));
            }
        }
        if (overrides.stream().map(Source::pool).distinct().count() < overrides.size()) {
            return AwsResponse.error(
                    400, "InvalidFleetConfig", "The fleet configuration contains duplicate instance pools.");
        }
        Map<String, String> parameters = new LinkedHashMap<>(call.parameters());
        String token = call.region() + " " + parameters.remove("ClientToken");
        Created before = tokens.get(token);
        if (before != null) {
            return before.parameters().equals(parameters)
                    ? before.response()
                    : AwsResponse.error(
                            400, "IdempotentParameterMismatch", "The client token was used with other parameters.");
        }
        AwsResponse response = launch(call, overrides);
        tokens.put(token, new Created(parameters, response));
        return response;
    }

    private Source source(AwsCall call, Template template, String prefix) {
        String subnet = call.get(prefix + "SubnetId");
        return new Source(
                template.call(),
                call.region(),
                call.text(prefix + "InstanceType"),
                subnet == null ? call.text(prefix + "AvailabilityZone") : catalog.zoneOf(subnet),
                subnet,
                call.get(prefix + "MaxPrice"));
    }

    private AwsResponse launch(AwsCall call, List<Source> overrides) {
        int left = Integer.parseInt(call.text("TargetCapacitySpecification.TotalTargetCapacity"));
        List<String> launched = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        List<Source> deepestFirst = overrides.stream()
                .sorted(Comparator.comparingInt((Source override) -> -launches.room(override.pool())))
                .toList();
        for (Source override : deepestFirst) {
            if (left == 0) {
                break;
            }
            String error = error(override);
            if (error != null) {
                failed.add(describe(override)
                        + element("errorCode", error)
                        + element("errorMessage", "the message of " + error));
                continue;
            }
            List<String> ids = launches.launch(call, override.template(), override.zone(), override.type(), left);
            left -= ids.size();
            if (left > 0) {
                failed.add(describe(override)
                        + element("errorCode", "InsufficientInstanceCapacity")
                        + element("errorMessage", "There is no Spot capacity available that matches your request."));
            }
            launched.add(describe(override) + element("instanceType", override.type()) + list("instanceIds", ids));
        }
        return AwsResponse.of(
                call.action(),
                element("fleetId", "fleet-1") + list("errorSet", failed) + list("fleetInstanceSet", launched));
    }

    private @Nullable String error(Source override) {
        String error = errors.get(override.pool());
        if (error != null) {
            return error;
        }
        BigDecimal price = catalog.price(override.zone(), override.type());
        if (override.maxPrice() != null && price != null && new BigDecimal(override.maxPrice()).compareTo(price) < 0) {
            return "SpotMaxPriceTooLow";
        }
        return launches.room(override.pool()) == 0 ? "UnfulfillableCapacity" : null;
    }

    private static String describe(Source override) {
        return "<launchTemplateAndOverrides><overrides>" + element("instanceType", override.type())
                + (override.subnet() == null
                        ? element("availabilityZone", override.zone())
                        : element("subnetId", override.subnet()))
                + "</overrides></launchTemplateAndOverrides>" + element("lifecycle", "spot");
    }

    private Stream<Template> inRegion(String region) {
        return templates.values().stream().filter(template -> template.region().equals(region));
    }

    private @Nullable Template shown(String region, String name) {
        Template template = templates.get(region + " " + name);
        return template == null || ec2.now().isBefore(template.shown()) ? null : template;
    }

    private static AwsResponse unknown(String name) {
        return AwsResponse.error(
                400,
                "InvalidLaunchTemplateName.NotFoundException",
                "The specified launch template, with template name " + name + ", does not exist.");
    }
}
