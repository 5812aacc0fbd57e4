package io.github.spotspec.local.cloudformation;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Creates, updates and deletes the resources of one type. */
public interface ResourceType {
    /**
     * A resource as a template specifies it.
     *
     * @param region the stack's region
     * @param name the name that CloudFormation would generate from the stack, the logical id and random characters
     * @param shortName the same without the stack
     * @param properties the resolved properties
     */
    record ResourceSpec(String region, String name, String shortName, Properties properties) {}

    /**
     * A resource that was created.
     *
     * @param id the physical id, which {@code Ref} returns
     * @param attributes the attributes that {@code Fn::GetAtt} returns
     */
    record PhysicalResource(String id, Map<String, String> attributes) {
        static PhysicalResource of(String id, String... attributes) {
            Map<String, String> map = new java.util.TreeMap<>();
            for (int i = 0; i < attributes.length; i += 2) {
                map.put(attributes[i], attributes[i + 1]);
            }
            return new PhysicalResource(id, map);
        }
    }

    /** Returns the names of the supported properties. */
    Set<String> properties();

    /** Returns the properties whose change replaces the resource. */
    default Set<String> replacing() {
        return properties();
    }

    /** Creates a resource. */
    PhysicalResource create(ResourceSpec wanted);

    /** Updates a resource whose changed properties do not replace it. */
    default PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
        throw new IllegalStateException("every change replaces it");
    }

    /** Deletes a resource. */
    void delete(PhysicalResource made, Properties properties);

    /** Returns the strings that a list no longer contains. */
    static List<String> removed(Properties before, Properties after, String name) {
        List<String> kept = after.strings(name);
        return before.strings(name).stream()
                .filter(item -> !kept.contains(item))
                .toList();
    }
}
