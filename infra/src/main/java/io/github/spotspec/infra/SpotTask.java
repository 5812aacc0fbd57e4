package io.github.spotspec.infra;

import java.util.Locale;

/** A task of the service. The operator's policy allows only what the deployment's tasks need. */
public enum SpotTask {
    /** Returns the current price of each capacity pool. */
    PRICE,
    /** Returns past spot prices. */
    HISTORY,
    /** Returns placement scores, EC2's estimates of whether it has capacity. */
    SCORE,
    /** Lists managed spot requests. */
    REQUESTS,
    /** Lists managed instances. */
    INSTANCES,
    /** Returns what managed instances have cost today, and since their launch. */
    COST,
    /** Returns what managed instances wrote to their consoles, which may contain secrets. */
    CONSOLE,
    /** Lets an SSH key of the caller log in to managed instances for a minute. */
    CONNECT,
    /** Launches Spot Instances. */
    LAUNCH,
    /** Moves the end of a lease. */
    EXTEND,
    /** Cancels managed spot requests. */
    CANCEL,
    /** Terminates managed instances. */
    TERMINATE,
    /** Cancels and terminates, verifies both, and reports what is left. */
    END,
    /** Makes a dry run of every operation that the deployment allows, and reports which would fail. */
    CHECK;

    /** Returns the name that requests use for this task. */
    public String requestName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
