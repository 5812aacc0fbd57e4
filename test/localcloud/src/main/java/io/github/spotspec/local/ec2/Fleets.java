package io.github.spotspec.local.ec2;

import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The EC2 Fleets of every region. Thread-safe. */
public final class Fleets {
    /**
     * The condition keys that RunInstances lacks when a fleet calls it. AWS does not document this. As for other calls
     * on a principal's behalf, the keys of the connection are missing here. The keys of MFA are there, because
     * CloudTrail shows the caller's session.
     */
    private static final Set<String> WITHHELD = Set.of("aws:SecureTransport", "aws:SourceIp");

    private final RandomGenerator random;
    private final List<Fleet> fleets = new ArrayList<>();
    private final Set<String> deleted = new HashSet<>();
    private final Map<String, Token> tokens = new HashMap<>();
    private volatile Set<String> withheld = WITHHELD;
    private volatile boolean sharesTags;

    /** The call for which a client token was used, without the token, and the fleet that it created. */
    private record Token(String fingerprint, Fleet created) {}

    public Fleets(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Creates a fleet, or returns the fleet that the same call created before. A fleet that launched nothing counts,
     * too: users report that EC2 rejects its token with other parameters.
     *
     * @param fingerprint all parameters of the call except the client token
     * @param create creates the fleet with an id
     */
    public synchronized Fleet create(
            String region, @Nullable String clientToken, String fingerprint, Function<String, Fleet> create) {
        Token before = clientToken == null ? null : tokens.get(region + " " + clientToken);
        if (before != null) {
            if (!before.fingerprint().equals(fingerprint)) {
                throw new AwsError(
                        400,
                        "IdempotentParameterMismatch",
                        "Arguments on this idempotent request are inconsistent with arguments used in previous"
                                + " request(s).");
            }
            return before.created();
        }
        Fleet created = create.apply("fleet-" + new UUID(random.nextLong(), random.nextLong()));
        fleets.add(created);
        if (clientToken != null) {
            tokens.put(region + " " + clientToken, new Token(fingerprint, created));
        }
        return created;
    }

    /** Returns all fleets of all regions. */
    public synchronized List<Fleet> all() {
        return List.copyOf(fleets);
    }

    /**
     * Turns an instant fleet into one of another type, for tests of what deletes such a fleet. Only EC2 keeps the
     * capacity of these fleets.
     */
    public synchronized void changeType(String id, String type) {
        fleets.replaceAll(fleet -> fleet.id().equals(id)
                ? new Fleet(id, fleet.region(), type, fleet.tags(), fleet.launches(), fleet.failures())
                : fleet);
    }

    /** Marks a fleet as deleted. Its instances are the caller's affair. */
    public synchronized void delete(Fleet fleet) {
        deleted.add(fleet.id());
    }

    /** Returns a fleet's state as EC2 names it. A deleted fleet has another state until its instances have ended. */
    public synchronized String state(Fleet fleet) {
        if (!deleted.contains(fleet.id())) {
            return "active";
        }
        return fleet.instances().stream().anyMatch(Instance::isAlive) ? "deleted_running" : "deleted";
    }

    /** Returns the condition keys that RunInstances lacks when a fleet calls it. */
    public Set<String> withheldKeys() {
        return withheld;
    }

    /** Sets the condition keys that RunInstances lacks when a fleet calls it, because only a live account can tell. */
    public void withholdKeys(Set<String> keys) {
        withheld = Set.copyOf(keys);
    }

    /** Returns whether CreateFleet's tags of the fleet are also condition keys of the instances that it may launch. */
    public boolean sharesTags() {
        return sharesTags;
    }

    /**
     * Sets whether the tags of a fleet are also condition keys of its instances, because only a live account can tell.
     */
    public void shareTags(boolean shared) {
        sharesTags = shared;
    }

    /** Withholds the keys again that are known to be missing. */
    public void reset() {
        withheld = WITHHELD;
        sharesTags = false;
    }
}
