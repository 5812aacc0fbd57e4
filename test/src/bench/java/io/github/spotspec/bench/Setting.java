package io.github.spotspec.bench;

/**
 * How an environment is started.
 *
 * @param tls whether it finds AWS over TLS, or over HTTP
 * @param snapStart whether its init ends in a snapshot, from which the first request restores it
 * @param cpu how much CPU it gets
 */
record Setting(boolean tls, int memoryMiB, boolean snapStart, CpuShare cpu) {
    /** What the construct deploys by default. */
    private static final int MEMORY_MIB = 1_024;

    /** Without SnapStart, and with all CPU that there is. */
    static Setting cold(boolean tls) {
        return new Setting(tls, MEMORY_MIB, false, CpuShare.WHOLE);
    }

    /** As the construct deploys it by default: over TLS, and with SnapStart, which the contestants in Java can have, too. */
    static Setting deployed(Contestant contestant) {
        return new Setting(true, MEMORY_MIB, contestant.isJava(), CpuShare.WHOLE);
    }
}
