package io.github.spotspec.function.launch;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.launch.Launcher.Order;
import io.github.spotspec.function.operator.Allowance;
import io.github.spotspec.function.operator.Operator;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/**
 * One launch on its way through the pools, until as many run as were asked for, or the time or the calls that the request
 * may make are up. What has been launched is never lost: once there is something, every end is an answer. Not thread-safe;
 * one launch, one instance.
 *
 * <p>Every call carries a client token that only this launch makes, and makes again when it is repeated. EC2 answers a
 * repeated token with what it launched before in that zone, or, if the rest of the call is not the same, refuses it; then
 * this launch has been tried before, or is being made at the same time, and what is found by its tag is its result. EC2
 * remembers failed calls, too, though that is not documented: then nothing is found by the tag, and the pool's next token
 * is taken.
 */
final class Filling {
    private static final int MOST_REPEATS = 4;
    private static final int MOST_TOKENS = 8;
    private static final String SPOT = "spot";
    private static final String ON_DEMAND = "on-demand";
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /** How long a launch waits until EC2 sees an instance profile that IAM has just made; measured, it takes up to ten seconds. */
    private static final Duration PROPAGATION = Duration.ofSeconds(10);

    /**
     * With less time left, no more is launched: EC2 takes a second or two, and what it launches after the call has been
     * given up would be told to no one.
     */
    private static final Duration LEAST_TO_LAUNCH = Duration.ofSeconds(5);

    /** What a launch call leaves of the time, to look for what came of it. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Launch launch;
    private final LaunchKey key;
    private final RunRequest request;
    private final List<Candidate> places;
    private final Ec2Regions ec2;
    private final Inventory inventory;
    private final FailedPools failed;
    private final MaxPrice maxPrice;
    private final InstantSource clock;
    private final Order order;

    private final Instant begun;
    private final Map<String, OwnInstance> launched = new LinkedHashMap<>();
    private final List<Map<String, Object>> attempts = new ArrayList<>();
    private final List<Candidate> withoutRoom = new ArrayList<>();
    private final Set<String> unfitTypes = new HashSet<>();
    private final Set<String> unfitZones = new HashSet<>();
    private final List<Refusal> unfit = new ArrayList<>();
    private boolean priceTooLow;
    private boolean over;
    private int untried;

    Filling(
            Launch launch,
            LaunchKey key,
            RunRequest request,
            List<Candidate> places,
            Ec2Regions ec2,
            Inventory inventory,
            FailedPools failed,
            MaxPrice maxPrice,
            InstantSource clock,
            Order order) {
        this.launch = launch;
        this.key = key;
        this.request = request;
        this.places = places;
        this.ec2 = ec2;
        this.inventory = inventory;
        this.failed = failed;
        this.maxPrice = maxPrice;
        this.clock = clock;
        this.order = order;
        this.begun = clock.instant();
    }

    List<OwnInstance> instances() {
        return List.copyOf(launched.values());
    }

    List<Map<String, Object>> attempts() {
        return List.copyOf(attempts);
    }

    /**
     * Asks EC2 whether it would launch.
     *
     * @throws Refusal if it would not
     */
    void rehearse() {
        for (Candidate place : places) {
            // EC2's dry runs do not look at the price.
            if (isUnfit(place) || isAbovePrice(place)) {
                continue;
            }
            switch (call(request.spot(place, launch.count()).dryRun(true).build())) {
                case Outcome.Rehearsed rehearsed -> {
                    return;
                }
                case Outcome.NoRoom none -> note(place, none.code(), SPOT);
                case Outcome.Unfit not -> pass(place, not, SPOT);
                case Outcome.Refused refused -> throw refused.why();
                case Outcome.Unknown unknown -> throw unknown.why();
                case Outcome other -> throw new IllegalStateException("a rehearsal came to " + other.getClass());
            }
        }
        throw nothing();
    }

    /**
     * Launches.
     *
     * @throws Refusal if nothing could be launched
     */
    void fill() {
        for (Candidate place : places) {
            if (isDone()) {
                untried++;
            } else if (!isUnfit(place) && !(priceTooLow && isAbovePrice(place))) {
                take(place, SPOT, request.spot(place, left()));
            }
        }
        if (launch.onDemand()) {
            fallBack();
        }
        if (launched.isEmpty()) {
            throw whyNothing();
        }
    }

    /** Tries on demand the pools that had no room, and no others: what else was in the way would be paid for in full. */
    private void fallBack() {
        for (Candidate place : List.copyOf(withoutRoom)) {
            if (isDone()) {
                untried++;
                continue;
            }
            if (isUnfit(place)) {
                continue;
            }
            try {
                if (!maxPrice.allowsOnDemand(place.type())) {
                    note(place, "AboveMaxPrice", ON_DEMAND);
                    continue;
                }
            } catch (Refusal unpriced) {
                stop(unpriced);
                return;
            }
            take(place, ON_DEMAND, request.onDemand(place, left()));
        }
    }

    private boolean isDone() {
        return left() == 0 || over || isTooLate();
    }

    /** Tries one place. */
    private void take(Candidate place, String market, RunInstancesRequest.Builder call) {
        Outcome outcome = settled(place, market, call);
        switch (outcome) {
            case Outcome.Launched found -> {
                found.instances().forEach(instance -> launched.put(instance.id(), instance));
                note(place, "launched " + found.instances().size(), market);
                if (left() > 0) {
                    // EC2 gives as many as a pool has.
                    ranOut(place);
                }
            }
            case Outcome.NoRoom none -> {
                note(place, none.code(), market);
                ranOut(place);
            }
            case Outcome.Unfit not -> pass(place, not, market);
            case Outcome.Ended ended -> stop(Launcher.ended());
            case Outcome.Refused refused -> {
                note(place, refused.why().reason().word(), market);
                stop(refused.why());
            }
            case Outcome.Unknown unknown -> {
                note(place, unknown.why().reason().word(), market);
                stop(unknown.why());
            }
            case Outcome.TokenUsed used -> stop(conflict());
            case Outcome.Rehearsed rehearsed ->
                throw new IllegalStateException("a call that was no rehearsal was rehearsed");
        }
    }

    private void ranOut(Candidate place) {
        withoutRoom.add(place);
        failed.add(place.type(), place.zone(), clock.instant());
    }

    private void pass(Candidate place, Outcome.Unfit not, String market) {
        note(place, not.code(), market);
        unfit.add(not.why());
        priceTooLow |= not.why().reason() == Reason.PRICE_BELOW_SPOT;
        switch (not.what()) {
            case TYPE -> unfitTypes.add(place.type());
            case ZONE -> unfitZones.add(place.zone());
            case POOL -> {}
        }
    }

    private boolean isUnfit(Candidate place) {
        return unfitTypes.contains(place.type()) || unfitZones.contains(place.zone());
    }

    /** Returns whether a pool costs more than the maximum price. What EC2 charges may have changed within the last minute. */
    private boolean isAbovePrice(Candidate place) {
        BigDecimal most = maxPrice.spot(place.type());
        return most != null && place.price() != null && place.price().compareTo(most) > 0;
    }

    /** Repeats a call while no one can tell what came of it, and goes on from tokens that were used. */
    private Outcome settled(Candidate place, String market, RunInstancesRequest.Builder call) {
        try {
            return repeated(place, market, call);
        } catch (Refusal why) {
            // A look at what there is may fail as well; what was launched before is not lost for it.
            return new Outcome.Refused(why);
        }
    }

    private Outcome repeated(Candidate place, String market, RunInstancesRequest.Builder call) {
        int repeats = 0;
        int tokens = 0;
        while (true) {
            Outcome outcome =
                    call(call.clientToken(key.token(market, place, tokens)).build());
            if (outcome instanceof Outcome.Unknown && repeats < MOST_REPEATS && !isTooLate()) {
                pause(repeats++);
            } else if (outcome instanceof Outcome.Unknown) {
                // The last resort: if it did launch, the tag tells.
                List<OwnInstance> found = newByTag();
                return found.isEmpty() ? outcome : new Outcome.Launched(found);
            } else if (outcome instanceof Outcome.TokenUsed && tokens < MOST_TOKENS) {
                List<OwnInstance> found = key.given() ? awaitByTag() : newByTag();
                if (!found.isEmpty()) {
                    over = true;
                    return new Outcome.Launched(Launcher.sameOrRefuse(found, key));
                }
                tokens++;
            } else {
                return outcome;
            }
        }
    }

    /** Makes a call, again and again while EC2 may soon see what it does not see yet. */
    private Outcome call(RunInstancesRequest call) {
        for (int i = 0; ; i++) {
            Outcome outcome = callOnce(call);
            boolean again = outcome instanceof Outcome.Refused refused && refused.mayPassSoon();
            if (!again || isTooLate() || clock.instant().isAfter(begun.plus(PROPAGATION))) {
                return outcome;
            }
            pause(i);
        }
    }

    private Outcome callOnce(RunInstancesRequest call) {
        try {
            return new Outcome.Launched(ec2
                    .onceIn(launch.region())
                    .runInstances(call.toBuilder()
                            .overrideConfiguration(order.operator().earlier(LOOK)::authorize)
                            .build())
                    .instances()
                    .stream()
                    .map(instance -> Inventory.own(launch.region(), instance))
                    .toList());
        } catch (SdkException e) {
            return Outcome.of(launch.region(), request.image(), e);
        }
    }

    /** Returns why nothing was launched, perhaps since not all pools could be tried. */
    private Refusal whyNothing() {
        if (order.operator().allowance().isScarce()) {
            return Allowance.refusal();
        }
        return untried > 0
                ? new Refusal(
                        Reason.TIMED_OUT,
                        "The time was up before a pool with room was found; " + attempts.size() + " of "
                                + (attempts.size() + untried) + " tries found none.")
                : nothing();
    }

    /** Returns why nothing was launched: what all pools said, if it is the same and not that there is no room. */
    private Refusal nothing() {
        List<Reason> reasons = unfit.stream().map(Refusal::reason).distinct().toList();
        boolean all = unfit.size() == attempts.size();
        if (attempts.isEmpty() || (all && reasons.equals(List.of(Reason.PRICE_BELOW_SPOT)))) {
            return LaunchRefusals.priceBelowSpot(
                    launch, maxPrice, places.stream().filter(this::isAbovePrice).toList());
        }
        if (all && reasons.size() == 1 && reasons.getFirst() != Reason.NO_CAPACITY) {
            return unfit.getFirst();
        }
        return LaunchRefusals.noCapacity(
                attempts, launch.maxPrice() != null && places.stream().anyMatch(this::isAbovePrice));
    }

    /** Ends the launch with what there is, or with a refusal if there is nothing. */
    private void stop(Refusal why) {
        if (launched.isEmpty()) {
            throw why;
        }
        over = true;
    }

    private static Refusal conflict() {
        return new Refusal(
                Reason.IDEMPOTENCY_CONFLICT, "The idempotency key stands for another launch; give another key.");
    }

    /** Waits only once: after that, all that was launched before this launch began can be seen. */
    private List<OwnInstance> awaitByTag() {
        Instant until = begun.plus(VisibilityWait.LONGEST);
        for (int i = 0; ; i++) {
            List<OwnInstance> found = newByTag();
            if (!found.isEmpty() || timeIsUp() || clock.instant().isAfter(until)) {
                return found;
            }
            pause(i);
        }
    }

    /** What EC2 knows of this launch, beyond what is known here. */
    private List<OwnInstance> newByTag() {
        return inventory.instances(launch.region(), List.of(), order.operator()).stream()
                .filter(instance -> key.isKeyOf(instance.request()) && !launched.containsKey(instance.id()))
                .toList();
    }

    private int left() {
        return launch.count() - launched.size();
    }

    /** Whether there is no time for another launch call, or too few calls are left to look what came of it. */
    private boolean isTooLate() {
        Operator operator = order.operator();
        return operator.deadline().earlier(LEAST_TO_LAUNCH).isOver()
                || operator.allowance().isScarce();
    }

    private boolean timeIsUp() {
        return order.operator().deadline().isOver();
    }

    private void note(Candidate place, String result, String market) {
        Map<String, Object> attempt = new LinkedHashMap<>();
        attempt.put("InstanceType", place.type());
        attempt.put("AvailabilityZone", place.zone());
        attempt.put("Market", market);
        attempt.put("Result", result);
        attempts.add(attempt);
    }

    private void pause(int times) {
        order.operator().deadline().pause(FIRST_PAUSE.multipliedBy(1L << Math.min(times, 4)));
    }
}
