package io.github.spotspec.function.ending;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of an instance, of a spot request, or of both together.
 *
 * @param ended whether neither can cost anything any more
 * @param untagged whether the instance runs without the service's tag, so that IAM lets nothing of the service's end it
 * @param leftAlone whether it has been without that tag for so long that it is not waited for
 * @param refusal why EC2 or IAM refuses to end what is left, or null if it does not
 * @param keptVolumes volumes that outlive the instance, and go on costing
 */
public record Ended(
        String region,
        @Nullable String instance,
        @Nullable String instanceState,
        @Nullable String request,
        @Nullable String requestState,
        boolean ended,
        boolean untagged,
        boolean leftAlone,
        @Nullable Refusal refusal,
        List<String> keptVolumes)
        implements Row {
    @Override
    public void write(Columns out) {
        out.put("Region", region);
        out.put("InstanceId", instance);
        out.put("InstanceState", instanceState);
        out.put("SpotInstanceRequestId", request);
        out.put("RequestState", requestState);
        out.put("Ended", ended);
        out.put("KeptVolumeIds", keptVolumes);
    }

    /** Returns whether there is nothing left to wait for. */
    boolean isSettled() {
        return ended || leftAlone || refusal != null;
    }
}
