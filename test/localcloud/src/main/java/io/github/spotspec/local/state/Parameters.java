package io.github.spotspec.local.state;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.wire.AwsError;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The parameters of Systems Manager: the account's own, which are the same in every region, and the public ones for
 * images. Thread-safe.
 */
public final class Parameters {
    private final Map<String, String> parameters = new ConcurrentHashMap<>();
    private final Images images;

    /** Creates a store that contains only the public parameters for images. */
    public Parameters(Images images) {
        this.images = images;
    }

    public void put(String name, String value) {
        parameters.put(name, value);
    }

    /** Returns a parameter's value, which must exist. */
    public String get(String region, String name) {
        if (name.startsWith(Images.PARAMETERS)) {
            return images.parameter(region, name);
        }
        String value = parameters.get(name);
        if (value == null) {
            throw new AwsError(400, "ParameterNotFound", "Parameter " + name + " not found.");
        }
        return value;
    }
}
