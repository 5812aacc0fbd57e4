package io.github.spotspec.infra;

import java.util.Locale;

/** A task of the service. What a deployment leaves out, its policy does not allow either. */
public enum SpotTask {
    /** The current price of each pool. */
    PRICE,
    /** How prices went. */
    HISTORY,
    /** Placement scores, EC2's estimates of whether it has capacity. */
    SCORE,
    /** The service's own spot requests. */
    REQUESTS,
    /** The service's own instances. */
    INSTANCES,
    /** Starts spot instances. */
    LAUNCH,
    /** Moves a lease. */
    EXTEND,
    /** Cancels own spot requests. */
    CANCEL,
    /** Terminates own instances. */
    TERMINATE,
    /** Cancels, terminates, verifies both, and reports what is left. */
    END,
    /** Rehearses every act that the deployment allows. */
    CHECK;

    /** Returns the word by which requests name it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
