package io.github.spotspec.local.cloudformation;

import static io.github.spotspec.local.cloudformation.Deployer.properties;
import static io.github.spotspec.local.cloudformation.Deployer.statuses;
import static io.github.spotspec.local.cloudformation.Deployer.template;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests failing changes of stacks. */
final class RollbackTest {
    private static final String USER = properties("{\"Name\": \"user\", \"Of\": {\"Ref\": \"Base\"}}");

    private final Deployer cloud = new Deployer();

    private static String base(String name, String size) {
        return properties("{\"Name\": \"%s\", \"Size\": \"%s\"}".formatted(name, size));
    }

    private static String failing(String act) {
        return ", \"DependsOn\": \"User\" " + properties("{\"Name\": \"last\", \"Fails\": \"%s\"}".formatted(act));
    }

    private Stack deployed() {
        Stack stack = cloud.deploy(template("Base", base("base", "1"), "User", USER));
        cloud.resources.log();
        return stack;
    }

    @Test
    void failedCreateLeavesNothing() {
        Stack stack = cloud.deploy(template("Base", base("base", "1"), "User", USER, "Last", failing("create")));

        assertEquals("ROLLBACK_COMPLETE", stack.status());
        assertEquals("failed on request: create", stack.reason());
        assertEquals(List.of(), cloud.resources.existing());
        assertEquals(List.of(), stack.outputs());
        assertEquals(
                List.of("create base", "create user", "create last", "delete user", "delete base"),
                cloud.resources.log());
        assertEquals("CREATE_FAILED", statuses(stack, "Last").getLast());
        assertEquals(
                List.of("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"),
                statuses(stack, "app"));
    }

    @Test
    void deletesRolledBackStack() {
        Stack stack = cloud.deploy(template("Last", properties("{\"Fails\": \"create\"}")));

        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
    }

    @Test
    void unresolvableOutputFailsStack() {
        Stack stack = cloud.deploy("""
                {"Resources": {"Base": {"Type": "Test::Thing"}},
                 "Outputs": {"O": {"Value": {"Fn::GetAtt": ["Base", "Colour"]}}}}""");

        assertEquals("ROLLBACK_COMPLETE", stack.status());
        assertTrue(String.valueOf(stack.reason()).contains("Colour"), stack.reason());
        assertEquals(List.of(), cloud.resources.existing());
    }

    @Test
    void failedUpdateRevertsUpdates() {
        deployed();
        Stack stack = cloud.deploy(template("Base", base("base", "2"), "User", USER, "Last", failing("create")));

        assertEquals("UPDATE_ROLLBACK_COMPLETE", stack.status());
        assertEquals(List.of("base", "user"), cloud.resources.existing());
        assertEquals("1", cloud.resources.size("base"));
    }

    @Test
    void failedUpdateRevertsTheFailedResource() {
        deployed();
        Stack stack = cloud.deploy(template(
                "Base", properties("{\"Name\": \"base\", \"Size\": \"2\", \"Fails\": \"update\"}"), "User", USER));

        assertEquals("UPDATE_ROLLBACK_COMPLETE", stack.status());
        assertEquals("failed on request: update", stack.reason());
        assertEquals("1", cloud.resources.size("base"));
    }

    @Test
    void failedUpdateDeletesNewResources() {
        deployed();
        cloud.deploy(
                template("Base", base("base", "1"), "User", USER, "New", base("new", "1"), "Last", failing("create")));

        assertEquals(List.of("base", "user"), cloud.resources.existing());
    }

    @Test
    void failedUpdateKeepsReplacedResource() {
        deployed();
        Stack stack = cloud.deploy(template("Base", base("new base", "1"), "User", USER, "Last", failing("create")));

        // The old resource is not deleted yet, so the stack keeps it.
        assertEquals("UPDATE_ROLLBACK_COMPLETE", stack.status());
        assertEquals("base", stack.physicalId("Base"));
        assertEquals(List.of("base", "user"), cloud.resources.existing());
        assertEquals(
                List.of("create new base", "update user", "create last", "update user", "delete new base"),
                cloud.resources.log());
    }

    @Test
    void failedUpdateKeepsRemovedResources() {
        deployed();
        cloud.deploy(template("Last", properties("{\"Fails\": \"create\"}")));

        assertEquals(List.of("base", "user"), cloud.resources.existing());
        assertEquals(
                List.of(),
                cloud.resources.log().stream()
                        .filter(entry -> entry.startsWith("delete"))
                        .toList());
    }

    @Test
    void updateAfterFailureStartsFromPreviousState() {
        Stack stack = deployed();
        String before = stack.templateBody();
        cloud.deploy(template("Base", base("new base", "1"), "User", USER, "Last", failing("create")));
        assertEquals(before, stack.templateBody());
        cloud.resources.log();

        cloud.deploy(template("Base", base("newer base", "1"), "User", USER));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals(List.of("create newer base", "update user", "delete base"), cloud.resources.log());
    }

    @Test
    void failedUpdateForgetsItsParameters() {
        String body = """
                {"Parameters": {"Size": {"Type": "String"}, "Fails": {"Type": "String", "Default": ""}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Properties":
                   {"Name": "base", "Size": {"Ref": "Size"}, "Fails": {"Ref": "Fails"}}}}}""";
        cloud.deploy(body, Map.of("Size", "1"));
        Stack stack = cloud.deploy(body, Map.of("Size", "2", "Fails", "update"));

        assertEquals("UPDATE_ROLLBACK_COMPLETE", stack.status());
        assertEquals(Map.of("Size", "1"), stack.parameters());
        assertEquals("1", cloud.resources.size("base"));
    }

    @Test
    void failedDeletionCanBeRetried() {
        Stack stack = cloud.deploy(template("Base", base("base", "1"), "User", USER, "Last", failing("delete")));

        assertEquals("DELETE_FAILED", cloud.delete(stack).status());
        assertTrue(String.valueOf(stack.reason()).contains("Last"), stack.reason());
        assertEquals("DELETE_FAILED", statuses(stack, "Last").getLast());
        assertEquals(List.of("last"), cloud.resources.existing(), "only the failed resource must remain");

        cloud.resources.stopFailing();
        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
        assertEquals(List.of(), cloud.resources.existing());
    }

    @Test
    void updateLeavesResourceItCannotDelete() {
        cloud.deploy(template("Base", base("base", "1"), "User", USER, "Last", failing("delete")));
        Stack stack = cloud.deploy(template("Base", base("base", "1"), "User", USER));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals("DELETE_FAILED", statuses(stack, "Last").getLast());
        assertEquals(List.of("base", "last", "user"), cloud.resources.existing());
        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
        assertEquals(List.of("last"), cloud.resources.existing());
    }
}
