package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;

/**
 * Collects the statements of a policy. Every one of them holds over TLS only, but those on what EC2 does by itself.
 *
 * <p>A condition on a key that a resource type does not have never matches, so that an Allow would be silently useless:
 * hence one statement per resource type. Which keys a type has is told by the Service Authorization Reference, "Actions,
 * resources, and condition keys for Amazon EC2".
 */
final class Statements {
    /** The keys of the tags in a request, in the case in which they were sent. */
    static final String TAG_KEYS = "aws:TagKeys";

    private final Stack stack;
    private final List<PolicyStatement> statements = new ArrayList<>();

    Statements(Stack stack) {
        this.stack = stack;
    }

    List<PolicyStatement> all() {
        return List.copyOf(statements);
    }

    /** Returns the ARN of EC2's things of a type in any region of this account. */
    String own(String type) {
        return arn("ec2", "*", stack.getAccount(), type + "/*");
    }

    /** Returns the ARN of one of EC2's things in any region of this account. */
    String own(String type, String id) {
        return arn("ec2", "*", stack.getAccount(), type + "/" + id);
    }

    /**
     * Returns the ARN of one of EC2's things in any region of whatever account: a subnet or a security group of a VPC that
     * AWS RAM shares has its owner's account in its ARN. Ids are unique, and of what is not shared nobody can make use.
     */
    String anyAccount(String type, String id) {
        return arn("ec2", "*", "*", type + "/" + id);
    }

    /** Returns an ARN in this partition. */
    String arn(String service, String region, String account, String resource) {
        return "arn:" + stack.getPartition() + ":" + service + ":" + region + ":" + account + ":" + resource;
    }

    /** Adds a statement on actions that know no resources, or on these resources, with conditions. */
    void allow(String sid, List<String> actions, List<String> resources, Conditions conditions) {
        allowOnBehalf(sid, actions, resources, conditions.and("Bool", "aws:SecureTransport", "true"));
    }

    /**
     * Adds a statement on what an AWS service asks on the operator's behalf, in a forward access session. Which of the keys
     * of the operator's own request show in such a one is documented neither for TLS nor for MFA, so neither is demanded.
     */
    void allowOnBehalf(String sid, List<String> actions, List<String> resources, Conditions conditions) {
        if (!actions.isEmpty()) {
            statements.add(PolicyStatement.Builder.create()
                    .sid(sid)
                    .effect(Effect.ALLOW)
                    .actions(actions.stream().sorted().toList())
                    .resources(resources)
                    .conditions(conditions.map())
                    .build());
        }
    }

    /** Conditions by operator and key; always in the same order, so that equal policies are the same text. */
    static final class Conditions {
        private final Map<String, Map<String, Object>> conditions = new TreeMap<>();

        static Conditions none() {
            return new Conditions();
        }

        /** Demands one of the regions. */
        static Conditions in(List<String> regions) {
            return none().and("StringEquals", "aws:RequestedRegion", regions);
        }

        /**
         * Demands, if so, that the credentials were given for an MFA code. The key is missing, not false, from requests
         * with a long-term access key: plain {@code Bool} refuses those, where {@code BoolIfExists} would let them pass.
         */
        Conditions withMfa(boolean demanded) {
            return demanded ? and("Bool", "aws:MultiFactorAuthPresent", "true") : this;
        }

        /** Demands that a request tags with this key and no other. {@code ForAllValues} alone also holds without any tag. */
        Conditions withTagKeysOnly(String key) {
            return and("ForAllValues:StringEquals", TAG_KEYS, List.of(key)).and("Null", TAG_KEYS, "false");
        }

        /** Adds a demand; all must hold. */
        Conditions and(String operator, String key, Object value) {
            conditions.computeIfAbsent(operator, name -> new TreeMap<>()).put(key, value);
            return this;
        }

        Map<String, Object> map() {
            return new LinkedHashMap<>(conditions);
        }
    }
}
