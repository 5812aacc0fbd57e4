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
    private static final TableColumn ID = text("ID", "InstanceId");
    private static final TableColumn NAME = text("NAME", "Name").flex();
    private static final TableColumn TYPE = text("TYPE", "InstanceType");
    private static final TableColumn ZONE = text("ZONE", "AvailabilityZone", "Region");
    private static final TableColumn REGION = text("REGION", "Region");
    private static final TableColumn STATE = text("STATE", "State");
    private static final TableColumn PRODUCT =
            text("PRODUCT", "ProductDescription").unless("Linux/UNIX");
    private static final TableColumn SCORE = column(NUMBER, "SCORE", "Score");
    private static final TableColumn SPOT_PRICE = column(MONEY, "$/H", "SpotPrice");
    private static final TableColumn LEFT = column(DURATION, "LEFT", "LeaseLeft");
    private static final TableColumn ADDRESS = text("ADDRESS", "PublicIpAddress", "PrivateIpAddress", "Ipv6Address");
    private static final TableColumn COST = column(MONEY, "COST", "Cost");

    private static final List<TableColumn> INSTANCES = List.of(
            ID,
            NAME,
            TYPE,
            ZONE,
            STATE,
            text("MARKET", "InstanceLifecycle").unless("spot"),
            LEFT,
            column(MONEY, "$/H", "HourlyCost", "SpotPrice"),
            COST,
            ADDRESS,
            column(RELATIVE, "INTERRUPTED", "Interrupted"));

    private static final Map<String, List<TableColumn>> COLUMNS = Map.ofEntries(
            Map.entry(
                    "priced",
                    List.of(
                            TYPE,
                            ZONE,
                            SPOT_PRICE,
                            column(MONEY, "ON-DEMAND", "OnDemandPrice"),
                            column(PERCENT, "SAVING", "SavingPercent"),
                            SCORE,
                            PRODUCT,
                            column(RELATIVE, "CHANGED", "Timestamp"))),
            Map.entry(
                    "history",
                    List.of(
                            TYPE,
                            ZONE,
                            column(MONEY, "MIN $/H", "Minimum"),
                            column(MONEY, "MEAN", "Mean"),
                            column(MONEY, "MEDIAN", "Median"),
                            column(MONEY, "MAX", "Maximum"),
                            column(NUMBER, "CHANGES", "Changes"),
                            PRODUCT)),
            Map.entry("scored", List.of(REGION, text("ZONE", "AvailabilityZone", "AvailabilityZoneId"), SCORE)),
            Map.entry("instances", INSTANCES),
            Map.entry("launched", INSTANCES),
            Map.entry(
                    "costs",
                    List.of(
                            ID,
                            NAME,
                            TYPE,
                            STATE,
                            column(MONEY, "TODAY", "CostToday"),
                            COST,
                            column(MONEY, "AT-END", "CostAtLeaseEnd"),
                            column(CALLER, "CALLER", "Caller").flex())),
            Map.entry(
                    "spots",
                    List.of(
                            text("ID", "SpotInstanceRequestId"),
                            STATE,
                            text("STATUS", "Status").flex(),
                            text("KIND", "Type").unless("one-time"),
                            TYPE,
                            ZONE,
                            text("INSTANCE", "InstanceId"),
                            LEFT,
                            SPOT_PRICE)),
            Map.entry("console", List.of(ID, REGION, STATE, column(RELATIVE, "READ", "Timestamp"))),
            Map.entry(
                    "admitted",
                    List.of(ID, ZONE, text("USER", "OsUser"), ADDRESS, column(RELATIVE, "KEY-EXPIRES", "KeyExpires"))),
            Map.entry("extended", List.of(ID, REGION, STATE, LEFT)),
            Map.entry(
                    "canceled",
                    List.of(text("ID", "SpotInstanceRequestId"), REGION, STATE, text("INSTANCE", "InstanceId"))),
            Map.entry(
                    "terminated",
                    List.of(
                            ID,
                            REGION,
                            text("BEFORE", "PreviousState"),
                            text("STATE", "CurrentState"),
                            text("REQUEST", "SpotInstanceRequestId"))),
            Map.entry(
                    "ended",
                    List.of(
                            text("ID", "InstanceId", "SpotInstanceRequestId"),
                            NAME,
                            TYPE,
                            ZONE,
                            text("STATE", "InstanceState"),
                            text("REQUEST", "RequestState"),
                            column(YES_NO, "ENDED", "Ended"),
                            column(DURATION, "RAN", "Seconds"),
                            COST)),
            Map.entry(
                    "checked",
                    List.of(
                            REGION,
                            text("TASKS", "Tasks").flex(),
                            text("ACTION", "Action"),
                            text("RESULT", "Result"),
                            text("ERROR", "Error"))),
            Map.entry("status", List.of(text("TASK", "Task"), column(YES_NO, "NEEDS-MFA", "NeedsMfa"))),
            Map.entry(
                    "candidates",
                    List.of(TYPE, ZONE, SPOT_PRICE, SCORE, text("IMAGE", "ImageId"), text("SUBNET", "SubnetId"))),
            Map.entry(
                    "attempts", List.of(TYPE, ZONE, text("MARKET", "Market").unless("spot"), text("RESULT", "Result"))),
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
