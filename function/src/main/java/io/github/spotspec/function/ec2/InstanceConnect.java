package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.CallBudget;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2instanceconnect.Ec2InstanceConnectClient;

/** Pushes SSH public keys to instances with EC2 Instance Connect. Thread-safe. */
public final class InstanceConnect {
    /** The action, as IAM names it. */
    public static final String ACTION = "ec2-instance-connect:SendSSHPublicKey";

    /** How long an instance accepts a pushed key for new connections. */
    private static final Duration KEY_LIFE = Duration.ofSeconds(60);

    private final SdkHttpClient http;
    private final Map<String, Ec2InstanceConnectClient> clients = new ConcurrentHashMap<>();

    public InstanceConnect(SdkHttpClient http) {
        this.http = http;
    }

    /**
     * Lets a public key log in to an instance for a minute.
     *
     * @return when the instance stops accepting the key; open connections last longer
     * @throws ServiceException if AWS does not push the key
     */
    public Instant push(String region, String instance, String osUser, String publicKey, AwsCallContext callContext) {
        Instant before = callContext.deadline().clock().instant();
        boolean pushed;
        try {
            pushed = Boolean.TRUE.equals(clients.computeIfAbsent(region, this::client)
                    .sendSSHPublicKey(request -> request.instanceId(instance)
                            .instanceOSUser(osUser)
                            .sshPublicKey(publicKey)
                            .overrideConfiguration(callContext::authorize))
                    .success());
            if (!pushed) {
                throw new UnusableAnswerException("no success");
            }
        } catch (SdkException e) {
            throw Ec2Errors.toException(ACTION, region, e);
        }
        return before.plus(KEY_LIFE);
    }

    /** Creates a client on first use, because few requests need one and creating a client takes a while. */
    private Ec2InstanceConnectClient client(String region) {
        return AwsClients.build(
                Ec2InstanceConnectClient.builder(),
                Region.of(region),
                http,
                AwsClients.noCredentials(),
                configuration -> configuration.addExecutionInterceptor(CallBudget.interceptor()));
    }
}
