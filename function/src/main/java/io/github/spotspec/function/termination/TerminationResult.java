package io.github.spotspec.function.termination;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of terminating an instance, cancelling a spot request, or both together.
 *
 * @param instanceId the id of the instance, or null if the spot request has none
 * @param billed the instance as EC2 showed it last, or null if EC2 does not show it
 * @param request the spot request as EC2 showed it last, or null if EC2 does not show it
 * @param failure why EC2 or IAM rejects ending what is left, or null if they do not
 */
public record TerminationResult(
        String region,
        @Nullable String instanceId,
        @Nullable BilledInstance billed,
        @Nullable String spotRequestId,
        @Nullable ManagedSpotRequest request,
        Status status,
        @Nullable ServiceException failure)
        implements Row {
    /** How far the termination has come. */
    enum Status {
        /** Neither the instance nor the spot request can cost anything any more. */
        ENDED,
        /** One of them can still cost something. */
        NOT_ENDED,
        /** The instance runs without the deployment's tag, so that IAM does not let the service end it. */
        UNTAGGED,
        /** The instance has lacked the tag for so long that the service does not wait for it. */
        LEFT_UNTAGGED
    }

    @Override
    public void write(Columns out) {
        out.put("Region", region);
        out.put("InstanceId", instanceId);
        ManagedInstance instance = instance();
        out.put("InstanceState", instance == null ? null : instance.state());
        out.put("SpotInstanceRequestId", spotRequestId);
        out.put("RequestState", spotRequestState());
        out.put("Ended", isEnded());
        // These outlive the instance and continue to cost money.
        out.put("KeptVolumeIds", instance == null ? List.of() : instance.keptVolumes());
    }

    /** Returns the instance as EC2 showed it last, or null if EC2 does not show it. */
    public @Nullable ManagedInstance instance() {
        return billed == null ? null : billed.instance();
    }

    /** Returns EC2's name of the state of the spot request, or null if EC2 does not show it. */
    public @Nullable String spotRequestState() {
        return request == null ? null : request.state();
    }

    /** Returns whether neither the instance nor the spot request can cost anything any more. */
    public boolean isEnded() {
        return status == Status.ENDED;
    }

    /** Returns whether the instance runs without the deployment's tag, so that IAM does not let the service end it. */
    public boolean isUntagged() {
        return status == Status.UNTAGGED || status == Status.LEFT_UNTAGGED;
    }

    /** Returns whether there is nothing left to wait for. */
    boolean isSettled() {
        return isEnded() || status == Status.LEFT_UNTAGGED || failure != null;
    }
}
