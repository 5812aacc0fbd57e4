package io.github.spotspec.local.state;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The parameters of Systems Manager: the account's own, in one region or in all, and the public ones for images.
 * Thread-safe.
 */
public final class Parameters {
    /**
     * A parameter.
     *
     * @param type {@code String} or {@code StringList}, whose elements are separated by commas
     */
    public record Parameter(String type, String value) {}

    private final Map<String, Parameter> parameters = new ConcurrentHashMap<>();
    private final Images images;

    /** Creates a store that contains only the public parameters for images. */
    public Parameters(Images images) {
        this.images = images;
    }

    /** Creates or replaces a parameter of every region. */
    public void put(String name, String value) {
        parameters.put(name, new Parameter("String", value));
    }

    /** Creates or replaces a parameter of a region. */
    public void put(String region, String name, Parameter parameter) {
        parameters.put(id(region, name), parameter);
    }

    /** Deletes a parameter of a region. */
    public void delete(String region, String name) {
        parameters.remove(id(region, name));
    }

    /** Returns whether a region has a parameter of its own with a name. */
    public boolean exists(String region, String name) {
        return parameters.containsKey(id(region, name));
    }

    /** Returns the region and name of every parameter that belongs to one region. */
    public List<String> ids() {
        return parameters.keySet().stream().filter(id -> id.indexOf(':') > 0).toList();
    }

    /** Returns a parameter's value, which must exist. */
    public String get(String region, String name) {
        return find(region, name).value();
    }

    /** Returns a parameter, which must exist. */
    public Parameter find(String region, String name) {
        if (name.startsWith(Images.PARAMETERS)) {
            return new Parameter("String", images.parameter(region, name));
        }
        Parameter parameter = parameters.getOrDefault(id(region, name), parameters.get(name));
        if (parameter == null) {
            throw new AwsError(400, "ParameterNotFound", "Parameter " + name + " not found.");
        }
        return parameter;
    }

    /** Returns the key of a parameter of one region. Names have no colons. */
    private static String id(String region, String name) {
        return region + ":" + name;
    }
}
