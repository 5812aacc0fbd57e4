package io.github.spotspec.local.service;

import io.github.spotspec.local.account.AccountState;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.ec2.Fleet;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.SpotRequest;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Resource Groups Tagging API. As on AWS, it knows nothing of IAM's users and roles. CloudFormation gives the tags
 * of a stack to its resources; here the API returns those whose physical id is an ARN. It shows stacks, their resources
 * and volumes for ever after they were deleted, because AWS shows some for hours.
 */
final class TaggingApi extends JsonApi {
    private final AccountState state;
    private final Stacks stacks;

    TaggingApi(AccountState state, Stacks stacks) {
        this.state = state;
        this.stacks = stacks;
    }

    @Override
    public String service() {
        return "tagging";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("GetResources", this::getResources);
    }

    private Map<String, Object> getResources(ApiCall call, Input input) {
        call.authorize("tag:GetResources", "*");
        input.text("PaginationToken");
        if (!(input.any("TagFilters") instanceof List<?> filters)
                || filters.size() != 1
                || !(filters.getFirst() instanceof Map<?, ?> filter)
                || !(filter.get("Key") instanceof String key)
                || !(filter.get("Values") instanceof List<?> values)) {
            throw AwsError.unknown("GetResources without exactly one TagFilter");
        }
        List<Map<String, Object>> found = resources(call.region()).entrySet().stream()
                .filter(resource -> values.contains(resource.getValue().get(key)))
                .map(resource -> Map.<String, Object>of("ResourceARN", resource.getKey()))
                .toList();
        return Map.of("PaginationToken", "", "ResourceTagMappingList", found);
    }

    /** Returns the tags of a region's resources by ARN. */
    private Map<String, Map<String, String>> resources(String region) {
        Map<String, Map<String, String>> tags = new TreeMap<>();
        for (Stack stack : stacks.history()) {
            if (stack.region().equals(region)) {
                tags.put(stack.id(), stack.tags());
                stack.events().stream()
                        .map(Stack.Event::physicalId)
                        .filter(id -> id.startsWith("arn:") && !id.startsWith("arn:aws:iam:"))
                        .forEach(id -> tags.put(id, stack.tags()));
            }
        }
        state.objects().buckets().forEach((bucket, own) -> tags.put("arn:aws:s3:::" + bucket, own));
        String ec2 = "arn:aws:ec2:" + region + ":" + state.account() + ":";
        for (Instance instance : state.instanceStore().instances(region)) {
            tags.put(ec2 + "instance/" + instance.id(), instance.tags());
            for (Instance.Volume volume : instance.volumes()) {
                tags.put(ec2 + "volume/" + volume.id(), volume.tags());
            }
        }
        for (SpotRequest request : state.instanceStore().requests(region)) {
            tags.put(ec2 + "spot-instances-request/" + request.id(), request.tags());
        }
        for (LaunchTemplate template : state.launchTemplates().list(region)) {
            tags.put(ec2 + "launch-template/" + template.id(), template.tags());
        }
        for (Fleet fleet : state.fleets().all()) {
            if (fleet.region().equals(region)) {
                tags.put(ec2 + "fleet/" + fleet.id(), fleet.tags());
            }
        }
        state.experiments().tagsByArn().forEach((arn, own) -> {
            if (arn.startsWith("arn:aws:fis:" + region + ":")) {
                tags.put(arn, own);
            }
        });
        return tags;
    }
}
