package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.wire.AwsError;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The resource type AWS::SSM::Parameter (CloudFormation template reference; Systems Manager user guide, "Understanding
 * requirements and constraints for parameter names"). Its Ref is the name.
 */
final class ParameterType implements ResourceType {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]+|(/[a-zA-Z0-9_.-]+){1,15}");
    private static final Pattern RESERVED = Pattern.compile("(?i)/?(aws|ssm).*");
    private static final Set<String> TYPES = Set.of("String", "StringList");
    /** The key that keeps the region. The colon hides it from {@code Fn::GetAtt}, whose names are alphanumeric. */
    private static final String REGION = ":region";

    private static final int MAX_STANDARD_LENGTH = 4096;

    private final Parameters parameters;

    ParameterType(Parameters parameters) {
        this.parameters = parameters;
    }

    @Override
    public Set<String> properties() {
        return Set.of("Description", "Name", "Type", "Value");
    }

    @Override
    public Set<String> replacing() {
        return Set.of("Name");
    }

    @Override
    public PhysicalResource create(ResourceSpec wanted) {
        String name = wanted.properties().text("Name", wanted.shortName());
        if (!NAME.matcher(name).matches() || RESERVED.matcher(name).matches()) {
            throw new AwsError(400, "ValidationException", "Parameter name: " + name + " is not allowed.");
        }
        if (parameters.exists(wanted.region(), name)) {
            throw new AwsError(400, "AlreadyExists", name + " already exists.");
        }
        return put(name, wanted);
    }

    @Override
    public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
        return put(made.id(), wanted);
    }

    @Override
    public void delete(PhysicalResource made, Properties properties) {
        parameters.delete(String.valueOf(made.attributes().get(REGION)), made.id());
    }

    private PhysicalResource put(String name, ResourceSpec wanted) {
        Parameters.Parameter parameter = parameter(wanted.properties());
        parameters.put(wanted.region(), name, parameter);
        return PhysicalResource.of(name, "Type", parameter.type(), "Value", parameter.value(), REGION, wanted.region());
    }

    private static Parameters.Parameter parameter(Properties properties) {
        String type = properties.required("Type");
        String value = properties.required("Value");
        if (!TYPES.contains(type)) {
            throw AwsError.unknown("the parameter type " + type);
        }
        if (value.isEmpty() || value.length() > MAX_STANDARD_LENGTH || value.contains("{{")) {
            throw new AwsError(400, "ValidationException", "Parameter value is not allowed for a standard parameter.");
        }
        return new Parameters.Parameter(type, value);
    }
}
