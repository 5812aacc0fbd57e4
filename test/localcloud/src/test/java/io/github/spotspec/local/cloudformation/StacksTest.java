package io.github.spotspec.local.cloudformation;

import static io.github.spotspec.local.cloudformation.Deployer.properties;
import static io.github.spotspec.local.cloudformation.Deployer.statuses;
import static io.github.spotspec.local.cloudformation.Deployer.template;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests successful changes of stacks, and changes that are rejected before they start. */
final class StacksTest {
    private static final String OF_BASE = properties("{\"Name\": \"user\", \"Of\": {\"Ref\": \"Base\"}}");
    private static final String BASE = properties("{\"Name\": \"base\"}");

    private final Deployer cloud = new Deployer();

    private AwsError errorOf(String body) {
        return assertThrows(AwsError.class, () -> cloud.changeSet("app", body, Map.of()));
    }

    @Test
    void createsInOrderAndDeletesInReverse() {
        Stack stack = cloud.deploy(template("User", OF_BASE, "Base", BASE));

        assertEquals("CREATE_COMPLETE", stack.status());
        assertEquals(List.of("create base", "create user"), cloud.resources.log());
        assertEquals(List.of("CREATE_IN_PROGRESS", "CREATE_COMPLETE"), statuses(stack, "Base"));

        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
        assertEquals(List.of("delete user", "delete base"), cloud.resources.log());
        assertEquals(List.of(), cloud.resources.existing());
    }

    @Test
    void deletesStackThatIsBeingCreated() {
        Stack.ChangeSet set = cloud.changeSet("app", template("Base", BASE), Map.of());
        Stack stack = cloud.stacks.all().getFirst();

        // The creation waits for this lock.
        synchronized (cloud.resources) {
            cloud.stacks.execute(stack, set);
            cloud.stacks.delete(stack);
        }

        assertEquals("DELETE_COMPLETE", cloud.awaited(stack).status());
        assertEquals(List.of("create base", "delete base"), cloud.resources.log());
        assertEquals(List.of(), cloud.resources.existing());
    }

    @Test
    void awaitsEndOfChangesForLimitedTime() {
        Stack.ChangeSet set = cloud.changeSet("app", template("Base", BASE), Map.of());
        Stack stack = cloud.stacks.all().getFirst();
        cloud.stacks.awaitChanges(Duration.ofDays(1));
        assertEquals("REVIEW_IN_PROGRESS", stack.status(), "no change has started");

        // The creation waits for this lock.
        synchronized (cloud.resources) {
            cloud.stacks.execute(stack, set);
            cloud.stacks.awaitChanges(Duration.ofMillis(1));
            assertEquals("CREATE_IN_PROGRESS", stack.status());
        }
        cloud.stacks.awaitChanges(Duration.ofDays(1));

        assertEquals("CREATE_COMPLETE", stack.status());
    }

    @Test
    void findsDeletedStackByIdOnly() {
        Stack deleted = cloud.delete(cloud.deploy(template("Base", BASE)));

        assertNull(cloud.stacks.find("eu-west-1", "app"));
        assertSame(deleted, cloud.stacks.find("eu-west-1", deleted.id()));
        assertEquals(List.of(), cloud.stacks.all());

        Stack again = cloud.deploy(template("Base", BASE));
        assertNotEquals(deleted.id(), again.id());
        assertEquals(List.of(again), cloud.stacks.all());
    }

    @Test
    void findsStackInItsRegionOnly() {
        cloud.deploy(template("Base", BASE));

        assertNull(cloud.stacks.find("us-east-1", "app"));
    }

    @Test
    void generatedNameContainsStackAndLogicalId() {
        Stack stack = cloud.deploy(template("Thing", ""));

        assertTrue(stack.physicalId("Thing").matches("app-Thing-[A-Z0-9]{12}"), stack.physicalId("Thing"));
        assertEquals("Thing", stack.logicalId(RecordingResourceType.TYPE));
    }

    @Test
    void shortensGeneratedName() {
        String id = "Thing" + "x".repeat(80);
        for (String name : List.of("app", "a".repeat(40), "a".repeat(128))) {
            Stack stack = cloud.deploy(name, template(id, ""), Map.of());

            assertEquals("CREATE_COMPLETE", stack.status());
            assertTrue(
                    stack.physicalId(id).matches(name.substring(0, 3) + ".*-Thing.*-[A-Z0-9]{12}"),
                    stack.physicalId(id));
            assertEquals(64, stack.physicalId(id).length(), stack.physicalId(id));
        }
    }

    @Test
    void resolvesOutputs() {
        Stack stack = cloud.deploy("""
                {"Resources": {"Base": {"Type": "Test::Thing", "Properties": {"Name": "base"}}},
                 "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
                 "Outputs": {
                   "Arn": {"Value": {"Fn::GetAtt": ["Base", "Arn"]}, "Description": "the base",
                           "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Arn"}}},
                   "Where": {"Value": {"Fn::Sub": "${AWS::AccountId}/${AWS::Region}/${Base.Region}"}},
                   "Nowhere": {"Value": "x", "Condition": "Never"}}}""");

        assertEquals(
                List.of(
                        new Stack.Output("Arn", "arn:base", "the base", "app:Arn"),
                        new Stack.Output("Where", "111122223333/eu-west-1/eu-west-1", null, null)),
                stack.outputs());
    }

    @Test
    void resolvesParameters() {
        String body = """
                {"Parameters": {"Given": {"Type": "String"}, "Left": {"Type": "Number", "Default": 5},
                                "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/known"}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Properties": {"Name": {"Fn::Sub":
                                "${Given} ${Left} ${Version}"}}}}}""";

        assertEquals("g 5 from ssm", cloud.deploy(body, Map.of("Given", "g")).physicalId("Base"));
        AwsError error = assertThrows(AwsError.class, () -> cloud.changeSet("without", body, Map.of()));
        assertEquals("ValidationError", error.code());
        assertTrue(error.message().contains("Given"), error.message());
    }

    @Test
    void resolvesListParameterOfSystemsManager() {
        cloud.parameterValue = "https://host/, App/Spot@r,arn";
        String body = """
                {"Parameters": {"List": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/known"}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Properties": {"Name":
                                {"Fn::Select": [INDEX, {"Ref": "List"}]}}}}}""";

        assertEquals("App/Spot@r", cloud.deploy(body.replace("INDEX", "1")).physicalId("Base"));
        assertEquals(
                "UPDATE_ROLLBACK_COMPLETE",
                cloud.deploy(body.replace("INDEX", "3")).status());
    }

    @Test
    void changeSetFixesParameterValue() {
        String body = """
                {"Parameters": {"Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/known"}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Properties": {"Name": {"Ref": "Image"}}}}}""";
        cloud.parameterValue = "ami-1";
        Stack stack = cloud.deploy(body);
        assertEquals("ami-1", stack.physicalId("Base"));
        assertFalse(cloud.changeSet("app", body, Map.of()).changes());

        cloud.parameterValue = "ami-2";
        Stack.ChangeSet set = cloud.changeSet("app", body, Map.of());
        assertTrue(set.changes());
        cloud.parameterValue = "ami-3";
        assertEquals("ami-2", cloud.execute(stack, set).physicalId("Base"));
        assertEquals(Map.of(), stack.parameters());
    }

    @Test
    void rejectsParameterThatSsmDoesNotHave() {
        AwsError error = errorOf("""
                {"Parameters": {"Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/none"}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Properties": {"Name": {"Ref": "Image"}}}}}""");

        assertEquals("ValidationError", error.code());
        assertTrue(String.valueOf(error.getMessage()).contains("/none"), error.getMessage());
    }

    @Test
    void changeSetReportsWhetherItHasChanges() {
        String body = template("Base", BASE);
        assertTrue(cloud.changeSet("app", body, Map.of()).changes());
        cloud.deploy(body, Map.of("Unused", "1"));

        assertFalse(cloud.changeSet("app", body, Map.of("Unused", "1")).changes());
        assertTrue(cloud.changeSet("app", body, Map.of("Unused", "2")).changes());
        assertTrue(cloud.changeSet("app", template("Base", BASE, "More", ""), Map.of("Unused", "1"))
                .changes());
    }

    @Test
    void skipsUnchangedResources() {
        cloud.deploy(template("Base", BASE, "User", OF_BASE));
        cloud.resources.log();

        Stack stack = cloud.deploy(template("Base", BASE, "User", OF_BASE, "More", properties("{\"Name\": \"more\"}")));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals(List.of("create more"), cloud.resources.log());
    }

    @Test
    void updatesChangedPropertyInPlace() {
        cloud.deploy(template("Base", properties("{\"Name\": \"base\", \"Size\": \"1\"}")));
        Stack stack = cloud.deploy(template("Base", properties("{\"Name\": \"base\", \"Size\": \"2\"}")));

        assertEquals(List.of("create base", "update base"), cloud.resources.log());
        assertEquals("2", cloud.resources.size("base"));
        assertEquals(
                List.of("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
                statuses(stack, "Base"));
    }

    @Test
    void createsReplacementBeforeDeletingOldResource() {
        cloud.deploy(template("Base", BASE, "User", OF_BASE));
        cloud.resources.log();

        Stack stack = cloud.deploy(template("Base", properties("{\"Name\": \"new base\"}"), "User", OF_BASE));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals(List.of("create new base", "update user", "delete base"), cloud.resources.log());
        assertEquals("new base", stack.physicalId("Base"));
    }

    @Test
    void deletesRemovedResources() {
        cloud.deploy(template("Base", BASE, "User", OF_BASE));
        Stack stack = cloud.deploy(template("Other", properties("{\"Name\": \"other\"}")));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals(List.of("other"), cloud.resources.existing());
        assertThrows(IllegalArgumentException.class, () -> stack.physicalId("Base"));
    }

    @Test
    void deletesDependentsFirst() {
        cloud.deploy(template("User", properties("{\"Name\": \"user\"}")));
        Stack stack = cloud.deploy(template("User", OF_BASE, "Base", BASE));

        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
        assertEquals(List.of(), cloud.resources.existing());
    }

    @Test
    void deletesReplacedResourceAfterItsDependents() {
        cloud.deploy(template("Base", BASE, "User", OF_BASE));
        Stack stack = cloud.deploy(template("Base", properties("{\"Name\": \"new base\"}")));

        assertEquals("UPDATE_COMPLETE", stack.status());
        assertEquals(
                List.of(),
                statuses(stack, "User").stream().filter("DELETE_FAILED"::equals).toList());
        assertEquals(List.of("new base"), cloud.resources.existing());
    }

    @Test
    void createsConditionalResourceOnlyIfConditionHolds() {
        String body = """
                {"Parameters": {"Stage": {"Type": "String"}},
                 "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
                 "Resources": {"Base": {"Type": "Test::Thing", "Condition": "IsProd", "Properties": {"Name": "base"}},
                               "Always": {"Type": "Test::Thing", "Properties": {"Name": "always",
                                 "Of": {"Fn::If": ["IsProd", {"Ref": "Base"}, {"Ref": "AWS::NoValue"}]}}}}}""";

        cloud.deploy(body, Map.of("Stage", "test"));
        assertEquals(List.of("always"), cloud.resources.existing());
        cloud.deploy(body, Map.of("Stage", "prod"));
        assertEquals(List.of("always", "base"), cloud.resources.existing());
        assertEquals(
                "UPDATE_COMPLETE", cloud.deploy(body, Map.of("Stage", "test")).status());
        assertEquals(List.of("always"), cloud.resources.existing());
    }

    @Test
    void retainsResourceOnDeletion() {
        String retained = ", \"DeletionPolicy\": \"Retain\" " + BASE;
        Stack stack = cloud.deploy(template("Base", retained, "User", OF_BASE));

        assertEquals("DELETE_COMPLETE", cloud.delete(stack).status());
        assertEquals(List.of("base"), cloud.resources.existing());
        assertEquals("DELETE_SKIPPED", statuses(stack, "Base").getLast());
    }

    @Test
    void retainsReplacedResource() {
        String kept = ", \"UpdateReplacePolicy\": \"Retain\" ";
        String keptOtherwise = ", \"DeletionPolicy\": \"Retain\" ";
        cloud.deploy(template(
                "A", kept + properties("{\"Name\": \"a\"}"), "B", keptOtherwise + properties("{\"Name\": \"b\"}")));
        cloud.deploy(template(
                "A", kept + properties("{\"Name\": \"a2\"}"), "B", keptOtherwise + properties("{\"Name\": \"b2\"}")));

        assertEquals(List.of("a", "a2", "b2"), cloud.resources.existing());
    }

    @Test
    void rejectsUnknownResourceType() {
        AwsError error = errorOf("{\"Resources\": {\"Bucket\": {\"Type\": \"AWS::S3::Bucket\"}}}");

        assertEquals("NotInLocalCloud", error.code());
        assertTrue(error.message().contains("AWS::S3::Bucket"), error.message());
        assertEquals(List.of(), cloud.stacks.all());
    }

    @Test
    void rejectsUnknownProperty() {
        AwsError error = errorOf(template("Base", properties("{\"Colour\": \"red\"}")));

        assertEquals("NotInLocalCloud", error.code());
        assertTrue(error.message().contains("Colour"), error.message());
    }

    @Test
    void rejectsChangedResourceType() {
        cloud.deploy(template("Base", BASE));
        AwsError error = errorOf(template("Base", BASE).replace(RecordingResourceType.TYPE, "Test::Other"));

        assertEquals("ValidationError", error.code());
        assertTrue(error.message().contains("Base"), error.message());
    }

    @Test
    void createsStackOnceAndUpdatesOnlyExisting() {
        String body = template("Base", BASE);
        assertEquals(
                "ValidationError",
                assertThrows(AwsError.class, () -> create(false, body)).code());
        cloud.deploy(body);
        assertEquals(
                "ValidationError",
                assertThrows(AwsError.class, () -> create(true, body)).code());
    }

    private void create(boolean create, String body) {
        cloud.stacks.createChangeSet("eu-west-1", "app", "changes", create, body, Map.of(), Map.of());
    }
}
