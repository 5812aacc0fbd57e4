package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of an instance, of a spot request, or of both together.
 *
 * @param ended whether neither can cost anything any more
 * @param untagged whether the instance runs without the service's tag, so that IAM lets nothing of the service's end it
 * @param leftAlone whether it has been without that tag for so long that it is not waited for
 * @param failure why EC2 or IAM refuses to end what is left, or null if it does not
 * @param keptVolumes volumes that outlive the instance, and go on costing
 */
public record TerminationResult(
        String region,
        @Nullable String instanceId,
        @Nullable String instanceState,
        @Nullable String spotRequestId,
        @Nullable String spotRequestState,
        boolean ended,
        boolean untagged,
        boolean leftAlone,
        @Nullable ServiceException failure,
        List<String> keptVolumes)
        implements Row {
    @Override
    public void write(Columns out) {
        out.put("Region", region);
        out.put("InstanceId", instanceId);
        out.put("InstanceState", instanceState);
        out.put("SpotInstanceRequestId", spotRequestId);
        out.put("RequestState", spotRequestState);
        out.put("Ended", ended);
        out.put("KeptVolumeIds", keptVolumes);
    }

    /** Returns whether there is nothing left to wait for. */
    boolean isSettled() {
        return ended || leftAlone || failure != null;
    }
}
