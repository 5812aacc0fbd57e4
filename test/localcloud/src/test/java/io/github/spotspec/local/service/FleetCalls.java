package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.ec2.Instance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Calls CreateFleet with the client of the SDK. Every pool has ample capacity, and the user has every right. */
final class FleetCalls {
    static final String REGION = "us-east-1";

    final SmallCloud cloud = new SmallCloud();
    final Ec2Client ec2 = cloud.sdk(REGION);

    FleetCalls() {
        cloud.allow("*", "*");
        cloud.capacity.reset(true);
    }

    /** Creates a launch template with an arm64 image, and returns its id. */
    String template(String name, Consumer<RequestLaunchTemplateData.Builder> changes) {
        RequestLaunchTemplateData data = RequestLaunchTemplateData.builder()
                .imageId(cloud.images.id(REGION, "al2023-arm64"))
                .metadataOptions(options -> options.httpTokens("required"))
                .applyMutation(changes)
                .build();
        return ec2.createLaunchTemplate(request -> request.launchTemplateName(name)
                        .launchTemplateData(data)
                        .tagSpecifications(tags("launch-template", "team", "blue")))
                .launchTemplate()
                .launchTemplateId();
    }

    String template() {
        return template("template", data -> {});
    }

    static TagSpecification tags(String resourceType, String... keysAndValues) {
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            tags.add(Tag.builder()
                    .key(keysAndValues[i])
                    .value(keysAndValues[i + 1])
                    .build());
        }
        return TagSpecification.builder()
                .resourceType(ResourceType.fromValue(resourceType))
                .tags(tags)
                .build();
    }

    static FleetLaunchTemplateOverridesRequest.Builder override(String type, String zone) {
        return FleetLaunchTemplateOverridesRequest.builder().instanceType(type).availabilityZone(zone);
    }

    /** Returns an instant fleet of Spot Instances from the template named {@code template}. */
    static CreateFleetRequest.Builder fleet(int target, FleetLaunchTemplateOverridesRequest.Builder... overrides) {
        return CreateFleetRequest.builder()
                .type("instant")
                .targetCapacitySpecification(
                        capacity -> capacity.totalTargetCapacity(target).defaultTargetCapacityType("spot"))
                .launchTemplateConfigs(config("template", overrides));
    }

    static FleetLaunchTemplateConfigRequest config(
            String template, FleetLaunchTemplateOverridesRequest.Builder... overrides) {
        return FleetLaunchTemplateConfigRequest.builder()
                .launchTemplateSpecification(FleetLaunchTemplateSpecificationRequest.builder()
                        .launchTemplateName(template)
                        .version("$Latest")
                        .build())
                .overrides(Arrays.stream(overrides)
                        .map(FleetLaunchTemplateOverridesRequest.Builder::build)
                        .toList())
                .build();
    }

    CreateFleetResponse create(CreateFleetRequest.Builder request) {
        return ec2.createFleet(request.build());
    }

    /** Returns the ids of launched instances. */
    static List<String> ids(CreateFleetResponse answer) {
        return answer.instances().stream()
                .flatMap(launched -> launched.instanceIds().stream())
                .toList();
    }

    /** Returns the number of launched instances for each pool. */
    static Map<String, Integer> counts(CreateFleetResponse answer) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        answer.instances().forEach(launched -> {
            String zone = launched.launchTemplateAndOverrides().overrides().availabilityZone();
            counts.put(
                    launched.instanceTypeAsString() + " " + zone,
                    launched.instanceIds().size());
        });
        return counts;
    }

    /** Returns the pool and the error code of each error. */
    static List<String> errors(CreateFleetResponse answer) {
        return answer.errors().stream()
                .map(error -> error.launchTemplateAndOverrides().overrides().instanceTypeAsString() + " "
                        + error.launchTemplateAndOverrides().overrides().availabilityZone() + " "
                        + error.errorCode())
                .toList();
    }

    Instance instance(String id) {
        return cloud.fleet.all().stream()
                .filter(instance -> instance.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    static String codeOf(Executable act) {
        return assertThrows(Ec2Exception.class, act).awsErrorDetails().errorCode();
    }
}
