package io.github.spotspec.local.cloudformation;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** How resources of one type are made, changed and deleted. */
public interface ResourceType {
    /**
     * What a template asks for.
     *
     * @param region the stack's region
     * @param name a name that CloudFormation would generate: from the stack, the logical id and chance
     * @param shortName the same without the stack
     * @param properties the resolved properties
     */
    record ResourceSpec(String region, String name, String shortName, Properties properties) {}

    /**
     * What was made.
     *
     * @param id the physical id, which {@code Ref} gives
     * @param attributes what {@code Fn::GetAtt} gives
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

    /** Returns the properties that it knows. */
    Set<String> properties();

    /** Returns the properties whose change makes a new resource in place of the old one. */
    default Set<String> replacing() {
        return properties();
    }

    /** Makes a resource. */
    PhysicalResource create(ResourceSpec wanted);

    /** Changes a resource by properties that do not replace it. */
    default PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
        throw new IllegalStateException("every change replaces it");
    }

    /** Deletes a resource. */
    void delete(PhysicalResource made, Properties properties);

    /** Returns what a list of strings no longer has. */
    static List<String> removed(Properties before, Properties after, String name) {
        List<String> kept = after.strings(name);
        return before.strings(name).stream()
                .filter(item -> !kept.contains(item))
                .toList();
    }
}
