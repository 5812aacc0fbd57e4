package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A managed spot request as answers show it; see {@link InstanceRow}. */
record RequestRow(ManagedSpotRequest request, @Nullable BigDecimal price, Instant now) implements Row {
    @Override
    public void write(Columns out) {
        out.put("Region", request.region());
        out.put("SpotInstanceRequestId", request.id());
        out.put("State", request.state());
        out.put("Status", request.status());
        out.put("Type", request.persistent() ? "persistent" : "one-time");
        out.put("InstanceId", request.instanceId());
        out.put("InstanceType", request.details().type());
        out.put("AvailabilityZone", request.details().zone());
        out.put("AvailabilityZoneId", request.details().zoneId());
        out.put("CreateTime", request.createTime());
        out.put("Lease", request.lease());
        out.put("LeaseLeft", request.isAlive() ? InstanceRow.left(request.lease(), now) : null);
        out.put("SpotPrice", price == null ? null : price.toPlainString());
        out.put("Caller", request.caller());
    }
}
