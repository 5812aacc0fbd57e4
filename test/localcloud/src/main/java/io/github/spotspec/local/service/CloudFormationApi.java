package io.github.spotspec.local.service;

import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The API of AWS CloudFormation. */
final class CloudFormationApi extends QueryApi {
    private final Stacks stacks;
    private final S3Objects objects;

    CloudFormationApi(Stacks stacks, S3Objects objects) {
        super("http://cloudformation.amazonaws.com/doc/2010-05-15/");
        this.stacks = stacks;
        this.objects = objects;
    }

    @Override
    public String service() {
        return "cloudformation";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of(
                "DescribeStacks", this::describeStacks,
                "DescribeStackEvents", this::describeStackEvents,
                "GetTemplate", this::getTemplate,
                "CreateChangeSet", this::createChangeSet,
                "DescribeChangeSet", this::describeChangeSet,
                "ExecuteChangeSet", this::executeChangeSet,
                "DeleteChangeSet", this::deleteChangeSet,
                "DeleteStack", this::deleteStack);
    }

    private Consumer<Xml> describeStacks(ApiCall call, Params params) {
        String name = params.text("StackName");
        call.authorize("cloudformation:DescribeStacks", "*");
        List<Stack> found = name == null ? stacks.all() : List.of(found(call, name));
        return xml -> xml.list(
                "Stacks",
                "member",
                found,
                (element, stack) -> element.put("StackName", stack.name())
                        .put("StackId", stack.id())
                        .put("CreationTime", stack.created())
                        .put("StackStatus", stack.status())
                        .put("StackStatusReason", stack.reason().isEmpty() ? null : stack.reason())
                        .put("EnableTerminationProtection", false)
                        .list(
                                "Parameters",
                                "member",
                                stack.parameters().entrySet(),
                                (parameter, entry) -> parameter
                                        .put("ParameterKey", entry.getKey())
                                        .put("ParameterValue", entry.getValue()))
                        .list(
                                "Tags",
                                "member",
                                stack.tags().entrySet(),
                                (tag, entry) -> tag.put("Key", entry.getKey()).put("Value", entry.getValue()))
                        .list(
                                "Outputs",
                                "member",
                                stack.outputs(),
                                (output, value) -> output.put("OutputKey", value.name())
                                        .put("OutputValue", value.value())
                                        .put("Description", value.description())
                                        .put("ExportName", value.exportName())));
    }

    private Consumer<Xml> describeStackEvents(ApiCall call, Params params) {
        Stack stack = found(call, params.required("StackName"));
        call.authorize("cloudformation:DescribeStackEvents", stack.id());
        return xml -> xml.list(
                "StackEvents",
                "member",
                stack.events(),
                (element, event) -> element.put("StackId", stack.id())
                        .put("StackName", stack.name())
                        .put("EventId", event.id())
                        .put("LogicalResourceId", event.logicalId())
                        .put("PhysicalResourceId", event.physicalId())
                        .put("ResourceType", event.type())
                        .put("ResourceStatus", event.status())
                        .put("ResourceStatusReason", event.reason())
                        .put("Timestamp", event.time()));
    }

    private Consumer<Xml> getTemplate(ApiCall call, Params params) {
        Stack stack = found(call, params.required("StackName"));
        params.text("TemplateStage");
        call.authorize("cloudformation:GetTemplate", stack.id());
        return xml -> xml.put("TemplateBody", stack.templateBody());
    }

    private Consumer<Xml> createChangeSet(ApiCall call, Params params) {
        String stackName = params.required("StackName");
        String name = params.required("ChangeSetName");
        String type = params.text("ChangeSetType", "UPDATE");
        call.authorize("cloudformation:CreateChangeSet", "*");
        Map<String, String> parameters = new TreeMap<>();
        Stack before = stacks.find(call.region(), stackName);
        for (int i = 1; i <= params.count("Parameters.member"); i++) {
            String key = params.required("Parameters.member." + i + ".ParameterKey");
            boolean previous = params.flag("Parameters.member." + i + ".UsePreviousValue");
            String given = params.text("Parameters.member." + i + ".ParameterValue");
            String value = previous && before != null ? before.parameters().get(key) : given;
            if (value != null) {
                parameters.put(key, value);
            }
        }
        Map<String, String> tags = new TreeMap<>();
        for (int i = 1; i <= params.count("Tags.member"); i++) {
            tags.put(params.required("Tags.member." + i + ".Key"), params.required("Tags.member." + i + ".Value"));
        }
        List.of(
                        "Capabilities",
                        "ClientToken",
                        "Description",
                        "RoleARN",
                        "IncludeNestedStacks",
                        "NotificationARNs",
                        "ImportExistingResources",
                        "DeploymentConfig")
                .forEach(params::ignore);
        Stack.ChangeSet set = stacks.createChangeSet(
                call.region(), stackName, name, type.equals("CREATE"), template(params), parameters, tags);
        Stack stack = found(call, stackName);
        return xml -> xml.put("Id", set.id()).put("StackId", stack.id());
    }

    private Consumer<Xml> describeChangeSet(ApiCall call, Params params) {
        String stackName = params.text("StackName");
        String name = params.required("ChangeSetName");
        params.ignore("IncludePropertyValues");
        Found found = changeSet(call, stackName, name);
        call.authorize("cloudformation:DescribeChangeSet", found.stack().id());
        Stack.ChangeSet set = found.set();
        return xml -> {
            xml.put("ChangeSetName", set.name())
                    .put("ChangeSetId", set.id())
                    .put("StackId", found.stack().id())
                    .put("StackName", found.stack().name())
                    .put("CreationTime", set.created())
                    .put("ExecutionStatus", set.changes() ? "AVAILABLE" : "UNAVAILABLE")
                    .put("Status", set.changes() ? "CREATE_COMPLETE" : "FAILED")
                    .put(
                            "StatusReason",
                            set.changes()
                                    ? null
                                    : "The submitted information didn't contain changes. Submit different"
                                            + " information to create a change set.");
            xml.list(
                    "Changes",
                    "member",
                    set.changes() ? List.of("") : List.of(),
                    (change, ignored) -> change.put("Type", "Resource")
                            .nest("ResourceChange", resource -> resource.put("Action", "Modify")));
        };
    }

    private Consumer<Xml> executeChangeSet(ApiCall call, Params params) {
        Found found = changeSet(call, params.text("StackName"), params.required("ChangeSetName"));
        List.of("ClientRequestToken", "DisableRollback", "RetainExceptOnCreate", "DeploymentConfig")
                .forEach(params::ignore);
        call.authorize("cloudformation:ExecuteChangeSet", found.stack().id());
        stacks.execute(found.stack(), found.set());
        return xml -> {};
    }

    private Consumer<Xml> deleteChangeSet(ApiCall call, Params params) {
        String name = params.required("ChangeSetName");
        String stackName = params.text("StackName");
        call.authorize("cloudformation:DeleteChangeSet", "*");
        (stackName == null ? stacks.all() : List.of(found(call, stackName))).forEach(stack -> stack.forget(name));
        return xml -> {};
    }

    private Consumer<Xml> deleteStack(ApiCall call, Params params) {
        String name = params.required("StackName");
        List.of("RoleARN", "ClientRequestToken", "DeploymentConfig").forEach(params::ignore);
        call.authorize("cloudformation:DeleteStack", "*");
        stacks.delete(found(call, name));
        return xml -> {};
    }

    private record Found(Stack stack, Stack.ChangeSet set) {}

    private Found changeSet(ApiCall call, @Nullable String stackName, String name) {
        for (Stack stack : stackName == null ? stacks.all() : List.of(found(call, stackName))) {
            Stack.ChangeSet set = stack.changeSet(name);
            if (set != null) {
                return new Found(stack, set);
            }
        }
        throw new AwsError(404, "ChangeSetNotFound", "ChangeSet [" + name + "] does not exist");
    }

    private Stack found(ApiCall call, String name) {
        Stack stack = stacks.find(call.region(), name);
        if (stack == null) {
            throw new AwsError(400, "ValidationError", "Stack with id " + name + " does not exist");
        }
        return stack;
    }

    private String template(Params params) {
        String body = params.text("TemplateBody");
        String url = params.text("TemplateURL");
        if (body != null) {
            return body;
        }
        if (url == null) {
            throw new AwsError(400, "ValidationError", "Either Template URL or Template Body must be specified.");
        }
        String[] path = URI.create(url).getPath().substring(1).split("/", 2);
        return new String(objects.get(path[0], path[1]), StandardCharsets.UTF_8);
    }
}
