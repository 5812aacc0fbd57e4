package io.github.spotspec.bench;

/**
 * How an environment is started.
 *
 * @param secret whether the operator's keys are in a secret, or the function's role is the operator
 * @param tls whether it finds AWS over TLS, or over HTTP
 * @param snapStart whether its init ends in a snapshot, from which the first request restores it
 * @param cpu how much CPU it gets
 */
record Setting(boolean secret, boolean tls, int memoryMiB, boolean snapStart, CpuShare cpu) {
    /** What the construct deploys by default. */
    static final int MEMORY_MIB = 1_024;

    /** Without SnapStart, and with all CPU that there is. */
    static Setting cold(boolean secret, boolean tls) {
        return new Setting(secret, tls, MEMORY_MIB, false, CpuShare.WHOLE);
    }

    /** Without SnapStart, over TLS, and with a share of CPU. */
    static Setting cold(int memoryMiB, CpuShare cpu) {
        return new Setting(true, true, memoryMiB, false, cpu);
    }

    /** As the construct deploys it by default: with a secret, over TLS, and with SnapStart if it is Java. */
    static Setting deployed(Contestant contestant) {
        return new Setting(true, true, MEMORY_MIB, contestant.isJava(), CpuShare.WHOLE);
    }

    /** From a snapshot, and with a share of CPU. */
    static Setting restored(int memoryMiB, CpuShare cpu) {
        return new Setting(true, true, memoryMiB, true, cpu);
    }
}
