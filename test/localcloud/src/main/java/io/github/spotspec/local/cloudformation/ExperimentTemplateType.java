package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.events.Experiments;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The resource type AWS::FIS::ExperimentTemplate, for one action: an interruption notice for one running Spot Instance
 * (AWS FIS user guide, "AWS FIS actions reference").
 */
final class ExperimentTemplateType implements ResourceType {
    private static final Map<String, Object> RUNNING = Map.of("Path", "State.Name", "Values", List.of("running"));

    private final Experiments experiments;

    ExperimentTemplateType(Experiments experiments) {
        this.experiments = experiments;
    }

    @Override
    public Set<String> properties() {
        return Set.of("Description", "RoleArn", "StopConditions", "Targets", "Actions", "Tags");
    }

    @Override
    public PhysicalResource create(ResourceSpec wanted) {
        Properties properties = wanted.properties();
        properties.required("Description");
        require(List.of(Map.of("Source", "none")), properties.any("StopConditions"));
        Map.Entry<String, Properties> target =
                only(properties, "Targets", Set.of("ResourceType", "ResourceTags", "Filters", "SelectionMode"));
        require("aws:ec2:spot-instance", target.getValue().required("ResourceType"));
        require("COUNT(1)", target.getValue().required("SelectionMode"));
        require(List.of(RUNNING), target.getValue().any("Filters"));
        Properties action = only(properties, "Actions", Set.of("ActionId", "Parameters", "Targets"))
                .getValue();
        require("aws:ec2:send-spot-instance-interruptions", action.required("ActionId"));
        require(Map.of("durationBeforeInterruption", "PT2M"), action.any("Parameters"));
        require(Map.of("SpotInstances", target.getKey()), action.any("Targets"));
        String id = experiments.create(new Experiments.Template(
                wanted.region(),
                properties.required("RoleArn"),
                new Properties(Template.object(target.getValue().any("ResourceTags"))).texts()));
        return PhysicalResource.of(id, "Id", id);
    }

    /** Returns the only object of a map. */
    private static Map.Entry<String, Properties> only(Properties properties, String name, Set<String> known) {
        Map<String, Object> map = Template.object(properties.any(name));
        if (map.size() != 1) {
            throw AwsError.unknown(map.size() + " " + name + " of an experiment");
        }
        String key = map.keySet().iterator().next();
        return Map.entry(key, new Properties(map).object(key, known));
    }

    private static void require(Object known, @Nullable Object given) {
        if (!known.equals(given)) {
            throw AwsError.unknown("an experiment with " + given);
        }
    }

    @Override
    public void delete(PhysicalResource made, Properties properties) {
        experiments.delete(made.id());
    }
}
