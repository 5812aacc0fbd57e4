package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.wire.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of AWS's services, as a function with some latency sees them. As on AWS, each service has its own host, so
 * that a function opens a connection to each. Unlike on AWS, all regions of EC2 share one host.
 */
final class AwsHosts implements AutoCloseable {
    private static final String EC2 = "ec2";

    /** The services with hosts of their own, and how the SDKs name them in their environment variables. */
    private static final Map<String, String> OTHERS = Map.of(
            "ec2-instance-connect", "EC2_INSTANCE_CONNECT",
            "secretsmanager", "SECRETS_MANAGER",
            "sns", "SNS",
            "ssm", "SSM",
            "sts", "STS");

    private final Map<String, String> environment = new TreeMap<>();
    private final List<Runnable> opened = new ArrayList<>();
    private final String ec2Url;
    private final LambdaHost lambda;

    /**
     * Opens the hosts.
     *
     * @param tls the TLS context, or null for HTTP
     * @param lambda creates the host of functions that call EC2 at a URL
     */
    AwsHosts(@Nullable SSLContext tls, CachingEndpoint endpoint, Latency latency, Function<String, LambdaHost> lambda) {
        OTHERS.forEach(
                (service, name) -> environment.put("AWS_ENDPOINT_URL_" + name, open(tls, endpoint, service, latency)));
        this.ec2Url = open(tls, endpoint, EC2, latency);
        this.lambda = lambda.apply(ec2Url);
        opened.add(this.lambda::close);
    }

    private String open(@Nullable SSLContext tls, CachingEndpoint endpoint, String service, Latency latency) {
        try {
            Server server = Server.start(tls, request -> endpoint.answer(service, request, latency));
            opened.add(server::close);
            if (latency.roundTrip().isZero()) {
                return server.url();
            }
            DistantServer far = new DistantServer(server, latency.roundTrip());
            opened.add(far::close);
            return far.url();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the host of functions that call these hosts. */
    LambdaHost lambda() {
        return lambda;
    }

    /** Returns the environment variables with the URLs of all services but EC2. */
    Map<String, String> environment() {
        return environment;
    }

    String ec2Url() {
        return ec2Url;
    }

    @Override
    public void close() {
        opened.reversed().forEach(Runnable::run);
    }
}
