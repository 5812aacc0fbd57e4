package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.FleetCalls.REGION;
import static io.github.spotspec.local.service.FleetCalls.codeOf;
import static io.github.spotspec.local.service.FleetCalls.fleet;
import static io.github.spotspec.local.service.FleetCalls.ids;
import static io.github.spotspec.local.service.FleetCalls.override;
import static io.github.spotspec.local.service.FleetCalls.tags;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.FleetData;

/** Tests how fleets are described and deleted, with the client of the SDK. */
final class FleetDeletionTest {
    private static final String TYPE = "m7g.large";
    private static final String DENIED = "UnauthorizedOperation";

    private final FleetCalls calls = new FleetCalls();

    private CreateFleetResponse created(String type) {
        calls.template();
        CreateFleetResponse created = calls.create(fleet(
                        1, override(TYPE, calls.cloud.zones(REGION, TYPE).getFirst()))
                .tagSpecifications(tags("fleet", "team", "blue")));
        calls.cloud.fleets.changeType(created.fleetId(), type);
        return created;
    }

    private List<FleetData> described(String... ids) {
        return calls.ec2.describeFleets(request -> request.fleetIds(ids)).fleets();
    }

    private Instance launchedBy(CreateFleetResponse fleet) {
        return calls.instance(ids(fleet).getFirst());
    }

    @Test
    void describesFleetWithTypeStateAndTags() {
        String id = created("maintain").fleetId();

        FleetData described = described().getFirst();

        assertEquals(id, described.fleetId());
        assertEquals("maintain", described.typeAsString());
        assertEquals("active", described.fleetStateAsString());
        assertEquals(
                Map.of("team", "blue"),
                Map.of(
                        described.tags().getFirst().key(),
                        described.tags().getFirst().value()));
    }

    @Test
    void describesInstantFleetOnlyById() {
        String id = created("instant").fleetId();

        assertEquals(List.of(), described());
        assertEquals("instant", described(id).getFirst().typeAsString());
    }

    @Test
    void describesNoFleetOfAnotherRegion() {
        created("request");

        assertEquals(
                List.of(),
                calls.cloud.sdk("eu-west-1").describeFleets(request -> {}).fleets());
    }

    @Test
    void deletesFleetWithItsInstances() {
        CreateFleetResponse fleet = created("request");

        var deleted = calls.ec2.deleteFleets(
                request -> request.fleetIds(fleet.fleetId()).terminateInstances(true));

        assertEquals("deleted", deleted.successfulFleetDeletions().getFirst().currentFleetStateAsString());
        assertFalse(launchedBy(fleet).isAlive());
        assertEquals("deleted", described().getFirst().fleetStateAsString());
    }

    @Test
    void deletesFleetWithoutItsInstances() {
        CreateFleetResponse fleet = created("request");

        calls.ec2.deleteFleets(request -> request.fleetIds(fleet.fleetId()).terminateInstances(false));

        assertTrue(launchedBy(fleet).isAlive());
        assertEquals("deleted_running", described().getFirst().fleetStateAsString());
    }

    @Test
    void policyDecidesByTagsWhichFleetsAreDeleted() {
        String id = created("request").fleetId();
        calls.cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:DeleteFleets", "Resource": "arn:aws:ec2:*:*:fleet/*",
                 "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}""");

        assertEquals(
                DENIED,
                codeOf(() ->
                        calls.ec2.deleteFleets(request -> request.fleetIds(id).terminateInstances(true))));
        assertEquals("active", described(id).getFirst().fleetStateAsString());
    }

    @Test
    void policyDecidesWhoDescribesFleets() {
        calls.cloud.put("Deny", """
                {"Effect": "Deny", "Action": "ec2:DescribeFleets", "Resource": "*"}""");

        assertEquals(DENIED, codeOf(this::described));
    }

    @Test
    void rejectsFleetsThatDoNotExist() {
        assertEquals("InvalidFleetId.NotFound", codeOf(() -> described("fleet-12345678-1234-1234-1234-123456789012")));
        assertEquals("InvalidFleetId.Malformed", codeOf(() -> described("fleet-1")));
    }
}
