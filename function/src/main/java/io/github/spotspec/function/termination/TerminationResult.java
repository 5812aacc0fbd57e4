package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of terminating an instance, cancelling a spot request, or both together.
 *
 * @param ended whether neither can cost anything any more
 * @param untagged whether the instance runs without the deployment's tag, so that IAM does not let the service end it
 * @param leftAlone whether the instance has lacked that tag for so long that the service does not wait for it
 * @param failure why EC2 or IAM rejects ending what is left, or null if they do not
 * @param keptVolumes the volumes that outlive the instance and continue to cost money
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
