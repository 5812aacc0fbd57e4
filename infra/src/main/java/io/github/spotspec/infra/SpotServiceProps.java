package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;

/**
 * What a {@link SpotService} is to be like. Every prop is optional.
 *
 * <ul>
 *   <li>{@link Builder#regions regions}: the stack's region
 *   <li>{@link Builder#memorySize memorySize}: 1024 MiB
 *   <li>{@link Builder#timeout timeout}: 30 seconds
 *   <li>{@link Builder#architecture architecture}: arm64
 *   <li>{@link Builder#encryptionKey encryptionKey}: AWS managed keys
 *   <li>{@link Builder#logGroup logGroup}: a new one
 *   <li>{@link Builder#logRetention logRetention}: one month
 *   <li>{@link Builder#logRemovalPolicy logRemovalPolicy}: destroy
 *   <li>{@link Builder#secretRemovalPolicy secretRemovalPolicy}: destroy
 * </ul>
 *
 * Immutable and thread-safe; its builder is neither.
 */
public final class SpotServiceProps {
    private final @Nullable List<String> regions;
    private final Size memorySize;
    private final Duration timeout;
    private final Architecture architecture;
    private final @Nullable IKey encryptionKey;
    private final @Nullable ILogGroup logGroup;
    private final RetentionDays logRetention;
    private final RemovalPolicy logRemovalPolicy;
    private final RemovalPolicy secretRemovalPolicy;

    private SpotServiceProps(Builder builder) {
        regions = builder.regions;
        memorySize = builder.memorySize;
        timeout = builder.timeout;
        architecture = builder.architecture;
        encryptionKey = builder.encryptionKey;
        logGroup = builder.logGroup;
        logRetention = builder.logRetention == null ? RetentionDays.ONE_MONTH : builder.logRetention;
        logRemovalPolicy = builder.logRemovalPolicy == null ? RemovalPolicy.DESTROY : builder.logRemovalPolicy;
        secretRemovalPolicy = builder.secretRemovalPolicy;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the regions in which the service may act, or null for the stack's own. */
    public @Nullable List<String> getRegions() {
        return regions;
    }

    /** Returns the function's memory. */
    public Size getMemorySize() {
        return memorySize;
    }

    /** Returns the longest time that a request may take. */
    public Duration getTimeout() {
        return timeout;
    }

    /** Returns the function's instruction set. */
    public Architecture getArchitecture() {
        return architecture;
    }

    /** Returns the key that encrypts the secret, the log group and the function's environment, or null for AWS's own. */
    public @Nullable IKey getEncryptionKey() {
        return encryptionKey;
    }

    /** Returns where the function writes its log, or null for a log group of the service's own. */
    public @Nullable ILogGroup getLogGroup() {
        return logGroup;
    }

    /** Returns how long the service's own log group keeps what is written to it. */
    public RetentionDays getLogRetention() {
        return logRetention;
    }

    /** Returns what becomes of the service's own log group when the stack is deleted. */
    public RemovalPolicy getLogRemovalPolicy() {
        return logRemovalPolicy;
    }

    /** Returns what becomes of the secret when the stack is deleted. */
    public RemovalPolicy getSecretRemovalPolicy() {
        return secretRemovalPolicy;
    }

    /** Builds {@link SpotServiceProps}; each setter checks its value at once. */
    public static final class Builder {
        private static final int LEAST_MEMORY = 512;
        private static final int MOST_MEMORY = 10_240;
        private static final int LEAST_TIMEOUT = 3;
        private static final int MOST_TIMEOUT = 900;

        private @Nullable List<String> regions;
        private Size memorySize = Size.mebibytes(1024);
        private Duration timeout = Duration.seconds(30);
        private Architecture architecture = Architecture.ARM_64;
        private @Nullable IKey encryptionKey;
        private @Nullable ILogGroup logGroup;
        private @Nullable RetentionDays logRetention;
        private @Nullable RemovalPolicy logRemovalPolicy;
        private RemovalPolicy secretRemovalPolicy = RemovalPolicy.DESTROY;

        private Builder() {}

        /**
         * Sets the regions in which the service may act. The first is the default of requests that name none.
         *
         * <p>Default: the stack's region.
         *
         * @throws IllegalArgumentException if there is none, one is no region's name, or one stands twice
         */
        public Builder regions(Collection<String> regions) {
            List<String> checked = new ArrayList<>();
            for (String region : regions) {
                if (!Token.isUnresolved(region) && !region.matches("[a-z]{2,4}(-[a-z]+)+-[0-9]")) {
                    throw new IllegalArgumentException(
                            "'regions' must be names of regions such as us-west-2, got \"" + region + "\"");
                }
                if (checked.contains(region)) {
                    throw new IllegalArgumentException(
                            "'regions' must name each region once, got " + region + " twice");
                }
                checked.add(region);
            }
            if (checked.isEmpty()) {
                throw new IllegalArgumentException(
                        "'regions' must name at least one region; leave it out for the stack's own");
            }
            this.regions = List.copyOf(checked);
            return this;
        }

        /** Sets the regions, as {@link #regions(Collection)} does. */
        public Builder regions(String... regions) {
            return regions(Arrays.asList(regions));
        }

        /**
         * Sets the function's memory. Lambda gives CPU in proportion; 1769 MiB is one vCPU.
         *
         * <p>Default: 1024 MiB.
         *
         * @throws IllegalArgumentException outside 512 to 10240 MiB; below, the JVM has no room to work
         */
        public Builder memorySize(Size memorySize) {
            long mebibytes = memorySize.toMebibytes().longValue();
            if (mebibytes < LEAST_MEMORY || mebibytes > MOST_MEMORY) {
                throw new IllegalArgumentException("'memorySize' must be " + LEAST_MEMORY + " to " + MOST_MEMORY
                        + " MiB, got " + mebibytes + " MiB");
            }
            this.memorySize = memorySize;
            return this;
        }

        /**
         * Sets the longest time that a request may take. The service answers shortly before, with what it has.
         *
         * <p>Default: 30 seconds.
         *
         * @throws IllegalArgumentException outside 3 seconds to 15 minutes, Lambda's limit
         */
        public Builder timeout(Duration timeout) {
            long seconds = timeout.toSeconds().longValue();
            if (seconds < LEAST_TIMEOUT || seconds > MOST_TIMEOUT) {
                throw new IllegalArgumentException(
                        "'timeout' must be 3 seconds to 15 minutes, got " + seconds + " seconds");
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets the function's instruction set.
         *
         * <p>Default: arm64, which costs a fifth less.
         */
        public Builder architecture(Architecture architecture) {
            this.architecture = architecture;
            return this;
        }

        /**
         * Sets the key that encrypts the secret, the service's own log group and the function's environment.
         *
         * <p>Default: AWS managed keys, which cost nothing. A key made in the same app gets the rights that the service
         * needs; the policy of an imported one must let CloudWatch Logs and Secrets Manager use it.
         */
        public Builder encryptionKey(IKey encryptionKey) {
            this.encryptionKey = encryptionKey;
            return this;
        }

        /**
         * Sets where the function writes its log.
         *
         * <p>Default: a log group of the service's own.
         */
        public Builder logGroup(ILogGroup logGroup) {
            this.logGroup = logGroup;
            return this;
        }

        /**
         * Sets how long the service's own log group keeps what is written to it.
         *
         * <p>Default: one month.
         */
        public Builder logRetention(RetentionDays logRetention) {
            this.logRetention = logRetention;
            return this;
        }

        /**
         * Sets what becomes of the service's own log group when the stack is deleted.
         *
         * <p>Default: it is destroyed.
         */
        public Builder logRemovalPolicy(RemovalPolicy logRemovalPolicy) {
            this.logRemovalPolicy = logRemovalPolicy;
            return this;
        }

        /**
         * Sets what becomes of the secret when the stack is deleted. The access key in it is deleted in any case.
         *
         * <p>Default: it is destroyed.
         */
        public Builder secretRemovalPolicy(RemovalPolicy secretRemovalPolicy) {
            this.secretRemovalPolicy = secretRemovalPolicy;
            return this;
        }

        /**
         * Builds the props.
         *
         * @throws IllegalArgumentException if props contradict each other
         */
        public SpotServiceProps build() {
            if (logGroup != null && (logRetention != null || logRemovalPolicy != null)) {
                throw new IllegalArgumentException(
                        "'logRetention' and 'logRemovalPolicy' are of the service's own log group; leave them out with 'logGroup'");
            }
            return new SpotServiceProps(this);
        }
    }
}
