package io.github.spotspec.function.ending;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Batch;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * EC2's two acts of ending, each on a list of ids of which some may not exist any more, or not yet: those are told from
 * the error, dropped, and the others tried again. What EC2 or IAM refuses of one keeps nothing from the others. Thread-safe.
 */
public final class Endings {
    /** EC2 takes at most this many ids at a time. */
    private static final int MOST_IDS = 1_000;

    private static final int MOST_TRIES = 5;
    /** How long to wait before looking again. */
    static final Duration PAUSE = Duration.ofMillis(200);

    private final Ec2Regions ec2;
    private final boolean allowOnDemand;

    /**
     * Makes the endings of a deployment.
     *
     * @param allowOnDemand whether the deployment launches on-demand instances, too; otherwise IAM lets it terminate none
     */
    public Endings(Ec2Regions ec2, boolean allowOnDemand) {
        this.ec2 = ec2;
        this.allowOnDemand = allowOnDemand;
    }

    /**
     * What came of an act.
     *
     * @param states the state of each thing afterwards, by id; without those that do not exist
     * @param refused why it was not carried out on the others, by id
     */
    public record Done(Map<String, String> states, Map<String, Refusal> refused) {
        /**
         * Returns itself.
         *
         * @throws Refusal the first one, if nothing was carried out
         */
        public Done orRefusal() {
            if (states.isEmpty() && !refused.isEmpty()) {
                throw refused.values().iterator().next();
            }
            return this;
        }
    }

    /**
     * Cancels spot requests. Their instances, if they have any, run on.
     *
     * @throws Refusal if EC2 does not answer
     */
    public Done cancel(String region, List<String> requests, Operator operator) {
        return each(
                region,
                "ec2:CancelSpotInstanceRequests",
                "sir-",
                requests,
                operator,
                (ids, states) -> ec2.in(region)
                        .cancelSpotInstanceRequests(request ->
                                request.spotInstanceRequestIds(ids).overrideConfiguration(operator::authorize))
                        .cancelledSpotInstanceRequests()
                        .forEach(one -> states.put(one.spotInstanceRequestId(), one.stateAsString())));
    }

    /**
     * Terminates instances. An instance of a persistent request comes back unless the request is cancelled first. One that
     * is protected from termination fails the call for the others of its zone, says EC2's API reference. On-demand instances
     * are left alone in a deployment that launches none: others in the account may tag instances, too.
     *
     * @throws Refusal if EC2 does not answer
     */
    public Done terminate(String region, List<OwnInstance> instances, Operator operator) {
        Map<Boolean, List<String>> byRight = instances.stream()
                .collect(Collectors.partitioningBy(
                        instance -> allowOnDemand || instance.isSpot(),
                        Collectors.mapping(OwnInstance::id, Collectors.toList())));
        Done done = each(
                region,
                "ec2:TerminateInstances",
                "i-",
                Objects.requireNonNull(byRight.get(true)),
                operator,
                (ids, states) -> ec2.in(region)
                        .terminateInstances(
                                request -> request.instanceIds(ids).overrideConfiguration(operator::authorize))
                        .terminatingInstances()
                        .forEach(one ->
                                states.put(one.instanceId(), one.currentState().nameAsString())));
        Objects.requireNonNull(byRight.get(false)).forEach(id -> done.refused().put(id, onDemand(id)));
        return done;
    }

    private static Refusal onDemand(String id) {
        return new Refusal(
                Reason.ON_DEMAND_NOT_ALLOWED,
                "Instance " + id
                        + " is on-demand, and this deployment terminates spot instances only. Terminate it in EC2 if"
                        + " it is from this service; otherwise remove its tag 'spotspec:service'. With 'allowOnDemand'"
                        + " the deployment could terminate it.");
    }

    private interface Act {
        void on(List<String> ids, Map<String, String> states);
    }

    private static Done each(
            String region, String action, String prefix, List<String> all, Operator operator, Act act) {
        Map<String, String> states = new LinkedHashMap<>();
        Map<String, Refusal> refused = new LinkedHashMap<>();
        for (int from = 0; from < all.size(); from += MOST_IDS) {
            List<String> some = all.subList(from, Math.min(all.size(), from + MOST_IDS));
            refused.putAll(Batch.call(
                    action,
                    region,
                    some,
                    operator.allowance(),
                    ids -> onExisting(ids, prefix, operator, left -> act.on(left, states))));
        }
        return new Done(states, refused);
    }

    private static void onExisting(List<String> all, String prefix, Operator operator, Consumer<List<String>> act) {
        List<String> ids = new ArrayList<>(all);
        for (int tries = 1; !ids.isEmpty(); tries++) {
            try {
                act.accept(ids);
                return;
            } catch (SdkException e) {
                List<String> missing = missing(e, prefix);
                if (missing.isEmpty() || tries > MOST_TRIES * 2) {
                    throw e;
                }
                // What was launched a moment ago may be missing for a moment.
                if (tries < MOST_TRIES) {
                    operator.deadline().pause(PAUSE);
                } else {
                    ids.removeAll(missing);
                }
            }
        }
    }

    /** Returns the ids that an error says do not exist; none if it says something else. */
    private static List<String> missing(SdkException e, String prefix) {
        List<String> missing = new ArrayList<>();
        if (Ec2Errors.code(e).endsWith(".NotFound")) {
            words(String.valueOf(e.getMessage()), word -> {
                if (word.startsWith(prefix)) {
                    missing.add(word);
                }
            });
        }
        return missing;
    }

    private static void words(String text, Consumer<String> found) {
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean inside = i < text.length() && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '-');
            if (inside && start < 0) {
                start = i;
            } else if (!inside && start >= 0) {
                found.accept(text.substring(start, i));
                start = -1;
            }
        }
    }
}
