package io.github.spotspec.acceptance;

import static io.github.spotspec.acceptance.Result.answered;
import static io.github.spotspec.acceptance.Result.notSettled;

import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;
import software.amazon.awssdk.services.ec2.model.SpotPrice;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** What AWS's documents leave open about EC2 and Lambda, and the documents here call uncertain. */
final class Ec2Promises {
    /** In Lambda's log. The duration that is billed comes after it. */
    private static final Pattern RESTORE = Pattern.compile("(?<!Billed )Restore Duration: ([0-9.]+ ms)");

    private static final Pattern DURATION = Pattern.compile("\\tDuration: ([0-9.]+ ms)");

    /** The time in EC2's text on the end of an instance, in the form that the service reads. */
    private static final Pattern END =
            Pattern.compile("\\((\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d) (?:GMT|UTC)\\)");

    /** EC2 accepts only maximum prices above 0.001 dollars an hour. */
    private static final BigDecimal LEAST_PRICE = new BigDecimal("0.001010");

    private Ec2Promises() {}

    /** Returns what must be measured before the function was called. */
    static List<Promise> first() {
        return List.of(new Promise("How long SnapStart takes to restore, and the function then to answer", run -> {
            SdkBytes event = SdkBytes.fromUtf8String(run.event("price", "types", List.of(AcceptanceApp.TYPE)));
            Instant start = Instant.now();
            InvokeResponse invoked = run.account()
                    .lambda()
                    .invoke(request -> request.functionName(run.output("FunctionName"))
                            .qualifier("live")
                            .payload(event)
                            .logType("Tail"));
            Duration time = Duration.between(start, Instant.now());
            String log = invoked.logResult() == null
                    ? ""
                    : new String(Base64.getDecoder().decode(invoked.logResult()), StandardCharsets.UTF_8);
            return firstAnswer(invoked.payload().asUtf8String(), log, time);
        }));
    }

    /**
     * Returns how long the first answer took.
     *
     * @param payload the function's response, as for a Function URL
     * @param log the end of Lambda's log
     * @param time how long the answer took from here
     */
    static Result firstAnswer(String payload, String log, Duration time) {
        Answer response = new Answer(200, payload, "");
        int status = response.json().path("statusCode").asInt();
        if (status != 200) {
            // A rejected request reads no secret and does not ask EC2.
            return notSettled("the first answer has no prices: " + response.words());
        }
        Matcher restore = RESTORE.matcher(log);
        Matcher duration = DURATION.matcher(log);
        return restore.find() && duration.find()
                ? answered("restore " + restore.group(1) + ", function " + duration.group(1) + ", from here "
                        + time.toMillis() + " ms")
                : notSettled("Lambda reports no restore; the first answer took " + time.toMillis() + " ms");
    }

    static List<Promise> all() {
        return List.of(
                new Promise("Does a filter of the price history understand wildcards?", run -> {
                    return pricesOfTypes(run, AcceptanceApp.TYPE) == 0
                            ? notSettled("there is no price of " + AcceptanceApp.TYPE)
                            : answered(pricesOfTypes(run, "t4g.nan*") > 0 ? "yes" : "no");
                }),
                new Promise("Does the price history reject a type that does not exist?", run -> {
                    try {
                        return answered("no; "
                                + prices(run, request -> request.instanceTypesWithStrings("t4g.none"))
                                        .size() + " prices");
                    } catch (Ec2Exception e) {
                        return e.awsErrorDetails().errorCode().startsWith("InvalidParameter")
                                ? answered("yes; " + Promise.words(e))
                                : notSettled(Promise.words(e));
                    }
                }),
                new Promise("A repeated client token of RunInstances launches nothing more", Ec2Promises::token),
                new Promise("A client token with other parameters is refused", run -> {
                    run.persistentInstance();
                    try {
                        OwnLaunch.end(
                                run,
                                launch(
                                        run,
                                        persistent(run)
                                                .ebsOptimized(false)
                                                .monitoring(on -> on.enabled(true))
                                                .build()));
                        return Result.notHeld("EC2 launches");
                    } catch (Ec2Exception e) {
                        if (Promise.isShortage(e)) {
                            throw e;
                        }
                        return Result.of(
                                e.awsErrorDetails().errorCode().equals("IdempotentParameterMismatch"),
                                Promise.words(e));
                    }
                }),
                new Promise(
                        "Does EC2 keep the client token of a launch that failed for its price?",
                        Ec2Promises::failedToken),
                new Promise(
                        "Does an instance that a persistent request launches again have the tags?",
                        Ec2Promises::relaunch));
    }

    /** Returns what is checked after instances have ended. */
    static List<Promise> last() {
        return List.of(
                new Promise("EC2 says when an instance ended, in the form that costs rely on", Ec2Promises::endTime),
                new Promise("Does EC2 still show the tags of an ended instance at the end of this run?", run -> {
                    // The first of the run that ends.
                    Instance found = run.describe(run.fleetInstance());
                    if (!hasEnded(found)) {
                        return notSettled(
                                found.instanceId() + " is " + found.state().nameAsString());
                    }
                    Instant end = end(found);
                    return answered((hasTag(found) ? "yes" : "no")
                            + (end == null
                                    ? ""
                                    : ", "
                                            + Duration.between(end, Instant.now())
                                                    .toSeconds() + " s after its end"));
                }),
                new Promise("Does EC2 accept a tag for an instance that has ended?", Ec2Promises::tagAfterEnd),
                new Promise("Is an ended instance's console output still there at the end of this run?", run -> {
                    String id = run.instance();
                    try {
                        boolean there = run.ec2()
                                        .getConsoleOutput(request -> request.instanceId(id))
                                        .output()
                                != null;
                        return there ? answered("yes") : notSettled("there is no output");
                    } catch (Ec2Exception e) {
                        return notSettled(Promise.words(e));
                    }
                }),
                new Promise(
                        "Which minute begins an hour on the bill",
                        run -> notSettled("the bill comes a day later; compare the Cost and Usage Report with the"
                                + " times of " + run.instance())),
                new Promise(
                        "How long after endWhenIdle an idle instance ends",
                        run -> notSettled("it takes longer than this run")));
    }

    private static Result endTime(Run run) throws Exception {
        Instance found = run.describe(run.instance(), Ec2Promises::hasEnded);
        if (!hasEnded(found)) {
            return notSettled(found.instanceId() + " is " + found.state().nameAsString());
        }
        if (!InstancePromises.endedByCall(found)) {
            return notSettled("it ended for another reason: " + InstancePromises.reason(found) + ", '"
                    + found.stateTransitionReason() + "'");
        }
        Instant end = end(found);
        // The clock here may be fast or slow.
        return end != null
                        && end.isAfter(run.endingSince().minusSeconds(60))
                        && end.isBefore(Instant.now().plusSeconds(60))
                ? Result.held(found.stateTransitionReason())
                : Result.notHeld("it says '" + found.stateTransitionReason() + "'");
    }

    /** Receipts rely on the service's own memory if EC2 does not. */
    private static Result tagAfterEnd(Run run) throws Exception {
        Instance found = run.describe(run.instance(), Ec2Promises::hasEnded);
        if (!hasEnded(found)) {
            return notSettled(found.instanceId() + " is " + found.state().nameAsString());
        }
        Tag tag = Tag.builder().key(Run.TAG + "-ended").value(run.id()).build();
        try {
            run.ec2()
                    .createTags(request -> request.resources(found.instanceId()).tags(tag));
        } catch (Ec2Exception e) {
            return answered("no; " + Promise.words(e));
        }
        boolean shown = Wait.until(
                Wait.EC2, () -> run.describe(found.instanceId()).tags().contains(tag));
        return answered(shown ? "yes" : "yes, but it does not show it");
    }

    private static boolean hasEnded(Instance instance) {
        return instance.state().nameAsString().equals("terminated");
    }

    private static boolean hasTag(Instance instance) {
        return instance.tags().stream().anyMatch(tag -> tag.key().equals(Run.TAG));
    }

    /** Returns when EC2 says that an instance ended, or null if it does not say so in the known form. */
    private static @Nullable Instant end(Instance instance) {
        Matcher time = END.matcher(String.valueOf(instance.stateTransitionReason()));
        return time.find() ? Instant.parse(time.group(1) + "T" + time.group(2) + "Z") : null;
    }

    /** Launches, and returns the ids of the instances. */
    private static List<String> launch(Run run, RunInstancesRequest request) {
        return run.ec2().runInstances(request).instances().stream()
                .map(Instance::instanceId)
                .toList();
    }

    /** Leaves only the first instance, which other rows need. */
    private static Result token(Run run) throws Exception {
        RunInstancesRequest request = persistent(run).build();
        String first = launch(run, request).getFirst();
        run.launchedPersistently(first);
        run.describe(first);
        String second = launch(run, request).getFirst();
        run.describe(second);
        Set<String> launched = new TreeSet<>(List.of(first, second));
        boolean nothingMore = run.stays(() -> {
            launched.addAll(withToken(run, request.clientToken()));
            return launched.equals(Set.of(first));
        });
        String words = launched.toString();
        launched.remove(first);
        OwnLaunch.end(run, launched);
        return Result.of(nothingMore, words);
    }

    /** Returns the ids of the run's instances that have a client token. */
    private static List<String> withToken(Run run, String token) {
        return run
                .ec2()
                .describeInstances(request -> request.filters(
                        Filter.builder().name("tag:" + Run.TAG).values(run.id()).build()))
                .reservations()
                .stream()
                .flatMap(reservation -> reservation.instances().stream())
                .filter(instance -> token.equals(instance.clientToken()))
                .map(Instance::instanceId)
                .toList();
    }

    private static int pricesOfTypes(Run run, String pattern) {
        return prices(
                        run,
                        request -> request.filters(Filter.builder()
                                .name("instance-type")
                                .values(pattern)
                                .build()))
                .size();
    }

    /**
     * Returns a price at which no Spot Instance of the type is expected, so that a launch gets as far as IAM and no
     * further.
     */
    static String tooLow(Run run) {
        BigDecimal lowest = prices(run, request -> request.instanceTypesWithStrings(AcceptanceApp.TYPE)).stream()
                .map(price -> new BigDecimal(price.spotPrice()))
                .min(Comparator.naturalOrder())
                .orElseThrow(() ->
                        notSettled("there is no price of " + AcceptanceApp.TYPE).early());
        BigDecimal price =
                lowest.divide(new BigDecimal(3), 6, RoundingMode.FLOOR).max(LEAST_PRICE);
        if (price.compareTo(lowest) >= 0) {
            throw notSettled("EC2 accepts no lower price than " + LEAST_PRICE + ", and the lowest is " + lowest)
                    .early();
        }
        return price.toPlainString();
    }

    /** Changes a request. */
    @FunctionalInterface
    private interface Change {
        void to(DescribeSpotPriceHistoryRequest.Builder request);
    }

    /** Returns the current prices. A page can be empty although another follows. */
    private static List<SpotPrice> prices(Run run, Change change) {
        DescribeSpotPriceHistoryRequest.Builder request = DescribeSpotPriceHistoryRequest.builder()
                .startTime(Instant.now())
                .productDescriptions("Linux/UNIX");
        change.to(request);
        return run.ec2().describeSpotPriceHistoryPaginator(request.build()).spotPriceHistory().stream()
                .toList();
    }

    /** Returns a launch by an administrator, with a client token, of a persistent request that has the run's tag. */
    private static RunInstancesRequest.Builder persistent(Run run) throws Exception {
        var like = run.describe(run.instance());
        Tag tag = Tag.builder().key(Run.TAG).value(run.id()).build();
        return RunInstancesRequest.builder()
                .imageId(like.imageId())
                .instanceType(AcceptanceApp.TYPE)
                .subnetId(like.subnetId())
                .minCount(1)
                .maxCount(1)
                .clientToken(run.id() + "-persistent")
                .instanceInitiatedShutdownBehavior(OwnLaunch.SHUTDOWN_BEHAVIOR)
                .userData(OwnLaunch.USER_DATA)
                .creditSpecification(credits -> credits.cpuCredits(OwnLaunch.CPU_CREDITS))
                .instanceMarketOptions(market -> market.marketType("spot")
                        .spotOptions(spot -> spot.spotInstanceType("persistent")
                                .instanceInterruptionBehavior("stop")
                                // So that EC2 relaunches nothing for long if this process is killed.
                                .validUntil(run.persistentUntil())
                                .maxPrice(AcceptanceApp.MAX_PRICE.toPlainString())))
                .tagSpecifications(List.of(
                        TagSpecification.builder()
                                .resourceType("instance")
                                .tags(tag)
                                .build(),
                        TagSpecification.builder()
                                .resourceType("volume")
                                .tags(tag)
                                .build(),
                        TagSpecification.builder()
                                .resourceType("spot-instances-request")
                                .tags(tag)
                                .build()));
    }

    /** A launch fails because its price is too low, and is repeated with its token and another price. */
    private static Result failedToken(Run run) throws Exception {
        RunInstancesRequest.Builder launch = persistent(run).clientToken(run.id() + "-failed");
        String price = tooLow(run);
        try {
            OwnLaunch.end(
                    run,
                    launch(
                            run,
                            launch.instanceMarketOptions(market ->
                                            market.marketType("spot").spotOptions(spot -> spot.maxPrice(price)))
                                    .build()));
            return notSettled("the price was not too low");
        } catch (Ec2Exception failed) {
            if (!failed.awsErrorDetails().errorCode().equals("SpotMaxPriceTooLow")) {
                return notSettled("the first launch fails otherwise: " + Promise.words(failed));
            }
            try {
                OwnLaunch.end(
                        run,
                        launch(
                                run,
                                launch.instanceMarketOptions(market -> market.marketType("spot")
                                                .spotOptions(spot -> spot.maxPrice(price + "1")))
                                        .build()));
                return answered(
                        "no; it launched after " + failed.awsErrorDetails().errorCode());
            } catch (Ec2Exception second) {
                return switch (second.awsErrorDetails().errorCode()) {
                    case "IdempotentParameterMismatch" -> answered("yes; " + Promise.words(second));
                    // The launch was tried again, with the other price.
                    case "SpotMaxPriceTooLow" -> answered("no; " + Promise.words(second));
                    default -> notSettled("the second launch fails otherwise: " + Promise.words(second));
                };
            }
        }
    }

    private static Result relaunch(Run run) throws Exception {
        String first = run.persistentInstance();
        String requestId = run.describe(first).spotInstanceRequestId();
        OwnLaunch.end(run, List.of(first));
        String[] second = {""};
        Wait.until(run.patience(), () -> {
            SpotInstanceRequest request = run.ec2()
                    .describeSpotInstanceRequests(describe -> describe.spotInstanceRequestIds(requestId))
                    .spotInstanceRequests()
                    .getFirst();
            second[0] = request.instanceId() == null || request.instanceId().equals(first) ? "" : request.instanceId();
            return !second[0].isEmpty();
        });
        run.ec2().cancelSpotInstanceRequests(request -> request.spotInstanceRequestIds(requestId));
        if (second[0].isEmpty()) {
            return notSettled("EC2 launched nothing within " + run.patience().toSeconds() + " s");
        }
        boolean untagged = run.stays(() -> !hasTag(run.describe(second[0])));
        OwnLaunch.end(run, List.of(second[0]));
        return answered(untagged ? "no" : "yes");
    }
}
