package io.github.spotspec.bench;

/**
 * The parameters of an environment.
 *
 * @param secret whether the operator's keys are in a secret; otherwise the role of the function is the operator
 * @param tls whether it calls AWS over TLS
 * @param snapStart whether its init ends with a snapshot that the first request restores
 * @param cpu its CPU share
 * @param latency how far away AWS is
 */
record Setting(boolean secret, boolean tls, int memoryMiB, boolean snapStart, CpuShare cpu, Latency latency) {
    /** The default memory of the construct. */
    static final int MEMORY_MIB = 1_024;

    /** Returns a setting without SnapStart and without a CPU limit. */
    static Setting cold(boolean secret, boolean tls) {
        return new Setting(secret, tls, MEMORY_MIB, false, CpuShare.WHOLE, Latency.NONE);
    }

    /** Returns a setting without SnapStart, over TLS and with a CPU share. */
    static Setting cold(int memoryMiB, CpuShare cpu) {
        return new Setting(true, true, memoryMiB, false, cpu, Latency.NONE);
    }

    /** Returns the default of the construct: a secret, TLS, and SnapStart for Java. */
    static Setting deployed(Contestant contestant, Latency latency) {
        return new Setting(true, true, MEMORY_MIB, contestant.isJava(), CpuShare.WHOLE, latency);
    }

    /** Returns a setting with SnapStart and a CPU share. */
    static Setting restored(int memoryMiB, CpuShare cpu, Latency latency) {
        return new Setting(true, true, memoryMiB, true, cpu, latency);
    }

    /** Returns the same setting with the role of the function as the operator. */
    Setting withoutSecret() {
        return new Setting(false, tls, memoryMiB, snapStart, cpu, latency);
    }
}
