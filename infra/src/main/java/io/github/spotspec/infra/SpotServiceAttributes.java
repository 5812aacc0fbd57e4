package io.github.spotspec.infra;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Token;

/**
 * What {@link SpotService#fromSpotServiceAttributes} needs to know about a service that another stack deploys. Each
 * value may be a token. Immutable and thread-safe; the builder is neither.
 */
public final class SpotServiceAttributes {
    final String url;
    final String serviceName;
    final String aliasArn;
    final @Nullable String minterArn;

    private SpotServiceAttributes(String url, String serviceName, String aliasArn, @Nullable String minterArn) {
        this.url = url;
        this.serviceName = serviceName;
        this.aliasArn = aliasArn;
        this.minterArn = minterArn;
    }

    /** Returns a builder without values. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds {@link SpotServiceAttributes}. Each setter checks its value immediately. */
    public static final class Builder {
        private static final Pattern URL = Pattern.compile("https?://[^/?#\\s]+/");
        private static final String FUNCTION = "arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}";
        private static final Pattern ALIAS_ARN = Pattern.compile(FUNCTION + ":[A-Za-z0-9_-]{1,128}");
        private static final Pattern FUNCTION_ARN = Pattern.compile(FUNCTION);

        private @Nullable String url;
        private @Nullable String serviceName;
        private @Nullable String aliasArn;
        private @Nullable String minterArn;

        private Builder() {}

        /**
         * Sets the URL, which is {@link SpotService#getUrl}. Required.
         *
         * @throws IllegalArgumentException if it is not a URL that ends with a slash after its host
         */
        public Builder url(String url) {
            this.url = matching("url", url, URL, "a URL such as https://….lambda-url.us-west-2.on.aws/");
            return this;
        }

        /**
         * Sets the service's name, which is {@link SpotService#getServiceName}. Metrics need it. Required.
         *
         * @throws IllegalArgumentException if it is empty
         */
        public Builder serviceName(String serviceName) {
            Validate.that(
                    !Validate.argumentNotNull("serviceName", serviceName).isBlank(), "'serviceName' must not be empty");
            this.serviceName = serviceName;
            return this;
        }

        /**
         * Sets the ARN of the alias that the URL belongs to, which is {@code getFunctionArn()} of
         * {@link SpotService#getAlias}. It also names the home region and the account. Required.
         *
         * @throws IllegalArgumentException if it is not the ARN of a Lambda function with an alias in the partition
         *     {@code aws}
         */
        public Builder aliasArn(String aliasArn) {
            this.aliasArn = matching(
                    "aliasArn",
                    aliasArn,
                    ALIAS_ARN,
                    "the ARN of an alias such as arn:aws:lambda:us-west-2:111122223333:function:NAME:live");
            return this;
        }

        /**
         * Sets the ARN of the minter's function, which is {@code getFunctionArn()} of {@link SpotService#getMinter}.
         *
         * <p>Default: none. The URL takes signed requests.
         *
         * @throws IllegalArgumentException if it is not the ARN of a Lambda function without a qualifier in the
         *     partition {@code aws}
         */
        public Builder minterArn(String minterArn) {
            this.minterArn = matching(
                    "minterArn",
                    minterArn,
                    FUNCTION_ARN,
                    "the ARN of a function such as arn:aws:lambda:us-west-2:111122223333:function:NAME");
            return this;
        }

        /**
         * Builds the attributes.
         *
         * @throws IllegalArgumentException if a required value is missing
         */
        public SpotServiceAttributes build() {
            return new SpotServiceAttributes(
                    required("url", url),
                    required("serviceName", serviceName),
                    required("aliasArn", aliasArn),
                    minterArn);
        }

        private static String required(String name, @Nullable String value) {
            if (value == null) {
                throw new IllegalArgumentException("'" + name + "' is required; set it");
            }
            return value;
        }

        private static String matching(String name, String value, Pattern pattern, String expected) {
            Validate.that(
                    Token.isUnresolved(Validate.argumentNotNull(name, value))
                            || pattern.matcher(value).matches(),
                    "'" + name + "' must be " + expected + ", got \"" + value + "\"");
            return value;
        }
    }
}
