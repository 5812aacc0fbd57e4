package io.github.spotspec.function.http;

import static io.github.spotspec.function.http.TableColumn.Format.CALLER;
import static io.github.spotspec.function.http.TableColumn.Format.DURATION;
import static io.github.spotspec.function.http.TableColumn.Format.MONEY;
import static io.github.spotspec.function.http.TableColumn.Format.NUMBER;
import static io.github.spotspec.function.http.TableColumn.Format.PERCENT;
import static io.github.spotspec.function.http.TableColumn.Format.RELATIVE;
import static io.github.spotspec.function.http.TableColumn.Format.YES_NO;
import static io.github.spotspec.function.http.TableColumn.column;
import static io.github.spotspec.function.http.TableColumn.text;

import java.util.List;
import java.util.Map;

/** The columns of the tables for people, by the event of an answer or the name of a list in its {@code meta}. */
final class TableColumns {
    private static final List<TableColumn> INSTANCES = List.of(
            text("ID", "InstanceId"),
            text("NAME", "Name").flex(),
            text("TYPE", "InstanceType"),
            text("ZONE", "AvailabilityZone", "Region"),
            text("STATE", "State"),
            text("MARKET", "InstanceLifecycle").unless("spot"),
            column(DURATION, "LEFT", "LeaseLeft"),
            column(MONEY, "$/H", "HourlyCost", "SpotPrice"),
            column(MONEY, "COST", "Cost"),
            text("ADDRESS", "PublicIpAddress", "PrivateIpAddress", "Ipv6Address"),
            column(RELATIVE, "INTERRUPTED", "Interrupted"));

    private static final Map<String, List<TableColumn>> COLUMNS = Map.ofEntries(
            Map.entry(
                    "priced",
                    List.of(
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            column(MONEY, "$/H", "SpotPrice"),
                            column(MONEY, "ON-DEMAND", "OnDemandPrice"),
                            column(PERCENT, "SAVING", "SavingPercent"),
                            column(NUMBER, "SCORE", "Score"),
                            text("PRODUCT", "ProductDescription").unless("Linux/UNIX"),
                            column(RELATIVE, "CHANGED", "Timestamp"))),
            Map.entry(
                    "history",
                    List.of(
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            column(MONEY, "MIN $/H", "Minimum"),
                            column(MONEY, "MEAN", "Mean"),
                            column(MONEY, "MEDIAN", "Median"),
                            column(MONEY, "MAX", "Maximum"),
                            column(NUMBER, "CHANGES", "Changes"),
                            text("PRODUCT", "ProductDescription").unless("Linux/UNIX"))),
            Map.entry(
                    "scored",
                    List.of(
                            text("REGION", "Region"),
                            text("ZONE", "AvailabilityZone", "AvailabilityZoneId"),
                            column(NUMBER, "SCORE", "Score"))),
            Map.entry("instances", INSTANCES),
            Map.entry("launched", INSTANCES),
            Map.entry(
                    "costs",
                    List.of(
                            text("ID", "InstanceId"),
                            text("NAME", "Name").flex(),
                            text("TYPE", "InstanceType"),
                            text("STATE", "State"),
                            column(MONEY, "TODAY", "CostToday"),
                            column(MONEY, "COST", "Cost"),
                            column(MONEY, "AT-END", "CostAtLeaseEnd"),
                            column(CALLER, "CALLER", "Caller").flex())),
            Map.entry(
                    "spots",
                    List.of(
                            text("ID", "SpotInstanceRequestId"),
                            text("STATE", "State"),
                            text("STATUS", "Status").flex(),
                            text("KIND", "Type").unless("one-time"),
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            text("INSTANCE", "InstanceId"),
                            column(DURATION, "LEFT", "LeaseLeft"),
                            column(MONEY, "$/H", "SpotPrice"))),
            Map.entry(
                    "console",
                    List.of(
                            text("ID", "InstanceId"),
                            text("REGION", "Region"),
                            text("STATE", "State"),
                            column(RELATIVE, "READ", "Timestamp"))),
            Map.entry(
                    "admitted",
                    List.of(
                            text("ID", "InstanceId"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            text("USER", "OsUser"),
                            text("ADDRESS", "PublicIpAddress", "PrivateIpAddress", "Ipv6Address"),
                            column(RELATIVE, "KEY-EXPIRES", "KeyExpires"))),
            Map.entry(
                    "extended",
                    List.of(
                            text("ID", "InstanceId"),
                            text("REGION", "Region"),
                            text("STATE", "State"),
                            column(DURATION, "LEFT", "LeaseLeft"))),
            Map.entry(
                    "canceled",
                    List.of(
                            text("ID", "SpotInstanceRequestId"),
                            text("REGION", "Region"),
                            text("STATE", "State"),
                            text("INSTANCE", "InstanceId"))),
            Map.entry(
                    "terminated",
                    List.of(
                            text("ID", "InstanceId"),
                            text("REGION", "Region"),
                            text("BEFORE", "PreviousState"),
                            text("STATE", "CurrentState"),
                            text("REQUEST", "SpotInstanceRequestId"))),
            Map.entry(
                    "ended",
                    List.of(
                            text("ID", "InstanceId", "SpotInstanceRequestId"),
                            text("NAME", "Name").flex(),
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            text("STATE", "InstanceState"),
                            text("REQUEST", "RequestState"),
                            column(YES_NO, "ENDED", "Ended"),
                            column(DURATION, "RAN", "Seconds"),
                            column(MONEY, "COST", "Cost"))),
            Map.entry(
                    "checked",
                    List.of(
                            text("REGION", "Region"),
                            text("TASKS", "Tasks").flex(),
                            text("ACTION", "Action"),
                            text("RESULT", "Result"),
                            text("ERROR", "Error"))),
            Map.entry("status", List.of(text("TASK", "Task"), column(YES_NO, "NEEDS-MFA", "NeedsMfa"))),
            Map.entry(
                    "candidates",
                    List.of(
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            column(MONEY, "$/H", "SpotPrice"),
                            column(NUMBER, "SCORE", "Score"),
                            text("IMAGE", "ImageId"),
                            text("SUBNET", "SubnetId"))),
            Map.entry(
                    "attempts",
                    List.of(
                            text("TYPE", "InstanceType"),
                            text("ZONE", "AvailabilityZone", "Region"),
                            text("MARKET", "Market").unless("spot"),
                            text("RESULT", "Result"))),
            Map.entry("byCaller", totals(column(CALLER, "CALLER", "caller").flex())),
            Map.entry("byRegion", totals(text("REGION", "region"))));

    private TableColumns() {}

    private static List<TableColumn> totals(TableColumn of) {
        return List.of(
                of,
                column(NUMBER, "INSTANCES", "instances"),
                column(MONEY, "TODAY", "costToday"),
                column(MONEY, "COST", "cost"),
                column(MONEY, "AT-END", "costAtLeaseEnd"),
                column(MONEY, "$/H", "hourlyCost"),
                column(NUMBER, "UNKNOWN", "unknown"));
    }

    /** Returns the columns of a table; none if it shows whatever its rows have. */
    static List<TableColumn> of(String name) {
        return COLUMNS.getOrDefault(name, List.of());
    }
}
