package io.github.spotspec.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.IKeyPair;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;

/**
 * The settings that the construct passes to its functions, as JSON in one environment variable. They may hold tokens,
 * which CloudFormation fills in. Limits that are not set are omitted.
 */
final class FunctionSettings {
    /** The name of the environment variable. */
    static final String VARIABLE = "SPOTSPEC_SETTINGS";

    private FunctionSettings() {}

    /**
     * Returns the settings of the function behind the URL.
     *
     * @param secretArn the operator's secret, or null if the function's role is the operator
     * @param sessionSecretArn the secret that seals MFA sessions, or null if no task needs MFA
     * @param signingSecretArn the secret that signs tokens, or null if the URL does not take tokens
     * @param revocationsSecretArn the secret that lists revoked tokens, or null if the URL does not take tokens
     */
    static String service(
            Stack stack,
            String service,
            List<String> regions,
            @Nullable String secretArn,
            @Nullable String sessionSecretArn,
            @Nullable String signingSecretArn,
            @Nullable String revocationsSecretArn,
            SpotServiceProps props) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("service", service);
        document.put("regions", regions);
        if (secretArn != null) {
            document.put("secretArn", secretArn);
        }
        document.put("tasks", taskNames(props.tasks));
        putList(document, "mfaTasks", taskNames(props.mfaTasks));
        if (sessionSecretArn != null) {
            document.put("sessionSecretArn", sessionSecretArn);
        }
        if (signingSecretArn != null) {
            document.put("signingSecretArn", signingSecretArn);
        }
        if (revocationsSecretArn != null) {
            document.put("revocationsSecretArn", revocationsSecretArn);
        }
        document.put("maxInstances", props.maxInstances);
        document.put("defaultLease", props.defaultLease.toSeconds());
        document.put("maxLease", props.maxLease.toSeconds());
        putList(document, "instanceTypes", props.instanceTypes);
        putList(document, "images", props.images);
        putList(document, "imageOwners", props.imageOwners);
        if (props.defaultImage != null) {
            document.put("defaultImage", props.defaultImage);
        }
        putList(
                document,
                "subnets",
                props.subnets.stream().map(ISubnet::getSubnetId).toList());
        putList(
                document,
                "securityGroups",
                props.securityGroups.stream()
                        .map(ISecurityGroup::getSecurityGroupId)
                        .toList());
        putList(
                document,
                "keyPairs",
                props.keyPairs.stream().map(IKeyPair::getKeyPairName).toList());
        putList(document, "userData", List.copyOf(props.userData.keySet()));
        if (props.instanceProfile != null) {
            document.put("instanceProfile", props.instanceProfile.getInstanceProfileArn());
        }
        if (props.tasks.contains(SpotTask.CONNECT)) {
            document.put("osUsers", props.osUsers);
        }
        if (props.maxPrice != null) {
            // A string, because the CDK would turn a number into a double.
            document.put("maxPrice", props.maxPrice.toPlainString());
        }
        if (props.maxCommitted != null) {
            document.put("maxCommitted", props.maxCommitted.toPlainString());
        }
        if (props.maxVolumeSize != null) {
            document.put("maxVolumeSize", props.maxVolumeSize.toGibibytes());
        }
        document.put("volumeTypes", props.volumeTypes);
        document.put("maxVolumeIops", props.maxVolumeIops);
        document.put("maxVolumeThroughput", props.maxVolumeThroughput);
        document.put("maxMetadataHopLimit", props.maxMetadataHopLimit);
        if (props.allowOnDemand) {
            document.put("allowOnDemand", true);
        }
        if (props.fleets) {
            document.put("fleets", true);
        }
        if (props.allowEndWhenIdle) {
            document.put("allowEndWhenIdle", true);
        }
        return stack.toJsonString(document);
    }

    /** Returns the settings of the keeper. */
    static String keeper(Stack stack, String service, List<String> regions, String topicArn, SpotServiceProps props) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("service", service);
        document.put("regions", regions);
        document.put("maxLease", props.maxLease.toSeconds());
        document.put("topicArn", topicArn);
        document.put("leaseWarning", props.leaseWarning.toSeconds());
        if (props.allowOnDemand) {
            document.put("allowOnDemand", true);
        }
        if (props.fleets) {
            document.put("fleets", true);
        }
        if (props.allowEndWhenIdle) {
            document.put("endWhenIdle", true);
        }
        putList(document, "watchedTypes", props.watchedTypes);
        return stack.toJsonString(document);
    }

    /** Returns the settings of the minter. */
    static String minter(
            Stack stack,
            String service,
            List<String> regions,
            String signingSecretArn,
            String revocationsSecretArn,
            String url,
            Duration longestLife,
            SpotServiceProps props) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("service", service);
        document.put("regions", regions);
        document.put("tasks", taskNames(props.tasks));
        document.put("signingSecretArn", signingSecretArn);
        document.put("revocationsSecretArn", revocationsSecretArn);
        document.put("url", url);
        document.put("longestLife", longestLife.toSeconds());
        if (props.tasks.contains(SpotTask.CONNECT)) {
            document.put("osUsers", props.osUsers);
        }
        return stack.toJsonString(document);
    }

    /**
     * Returns the settings of the rotation function.
     *
     * @param generated the secrets to rotate other than the operator's
     */
    static String rotation(Stack stack, String service, String secretArn, String user, List<String> generated) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("service", service);
        document.put("secretArn", secretArn);
        document.put("user", user);
        putList(document, "generatedSecretArns", generated);
        return stack.toJsonString(document);
    }

    private static List<String> taskNames(Set<SpotTask> tasks) {
        return tasks.stream().map(SpotTask::requestName).sorted().toList();
    }

    private static void putList(Map<String, Object> document, String key, List<String> values) {
        if (!values.isEmpty()) {
            document.put(key, values);
        }
    }
}
