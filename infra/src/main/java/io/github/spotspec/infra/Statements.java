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
 * Collects the statements of a policy. Every statement requires TLS, except those on calls that an AWS service makes on
 * the operator's behalf.
 *
 * <p>A condition on a key that a resource type does not have never matches, so an Allow with such a condition would
 * have no effect without any warning. That is why each resource type has its own statement. The Service Authorization
 * Reference, "Actions, resources, and condition keys for Amazon EC2", lists the keys of each type.
 */
final class Statements {
    /** The keys of the tags in an AWS API request, in the case in which they were sent. */
    static final String TAG_KEYS = "aws:TagKeys";

    private final Stack stack;
    private final List<PolicyStatement> statements = new ArrayList<>();

    Statements(Stack stack) {
        this.stack = stack;
    }

    List<PolicyStatement> all() {
        return List.copyOf(statements);
    }

    /** Returns the ARN pattern for EC2 resources of a type, in any region of this account. */
    String inAccount(String type) {
        return arn("ec2", "*", stack.getAccount(), type + "/*");
    }

    /** Returns the ARN of one EC2 resource, in any region of this account. */
    String inAccount(String type, String id) {
        return arn("ec2", "*", stack.getAccount(), type + "/" + id);
    }

    /**
     * Returns the ARN of one EC2 resource, in any region of any account. The ARN of a subnet or a security group of a
     * VPC that AWS RAM shares contains its owner's account. This is safe because ids are unique, and nobody can use a
     * resource that is not shared.
     */
    String inAnyAccount(String type, String id) {
        return arn("ec2", "*", "*", type + "/" + id);
    }

    /** Returns an ARN in this partition. */
    String arn(String service, String region, String account, String resource) {
        return "arn:" + stack.getPartition() + ":" + service + ":" + region + ":" + account + ":" + resource;
    }

    /** Adds a statement on these resources, or on actions without resource-level permissions, with conditions. */
    void allow(String sid, List<String> actions, List<String> resources, Conditions conditions) {
        allowOnBehalf(sid, actions, resources, conditions.and("Bool", "aws:SecureTransport", "true"));
    }

    /**
     * Adds a statement on calls that the operator makes, or that EC2 Fleet makes in the operator's name. It is not
     * documented whether a fleet's calls have the key for TLS. A call of the operator always has it.
     */
    void allowAlsoByFleet(String sid, List<String> actions, List<String> resources, Conditions conditions) {
        allowOnBehalf(sid, actions, resources, conditions.and("BoolIfExists", "aws:SecureTransport", "true"));
    }

    /**
     * Adds a statement on calls that an AWS service makes on the operator's behalf, in a forward access session. It is
     * not documented which keys of the operator's own call are present in such a session, neither for TLS nor for MFA.
     * So the statement requires neither.
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

    /**
     * The conditions of a statement, by operator and key. Always in the same order, so that equal policies have equal
     * text.
     */
    static final class Conditions {
        private final Map<String, Map<String, Object>> conditions = new TreeMap<>();

        static Conditions none() {
            return new Conditions();
        }

        /** Returns conditions that require one of the regions. */
        static Conditions inRegions(List<String> regions) {
            return none().and("StringEquals", "aws:RequestedRegion", regions);
        }

        /**
         * Requires credentials issued for an MFA code, if {@code required}. The key is missing, not false, from calls
         * with a long-term access key. Plain {@code Bool} denies those calls, but {@code BoolIfExists} would allow
         * them.
         */
        Conditions withMfa(boolean required) {
            return required ? and("Bool", "aws:MultiFactorAuthPresent", "true") : this;
        }

        /**
         * Requires that a call tags with these keys and no others. {@code ForAllValues} alone also matches a call
         * without tags.
         */
        Conditions withTagKeysOnly(List<String> keys) {
            return and("ForAllValues:StringEquals", TAG_KEYS, List.copyOf(keys)).and("Null", TAG_KEYS, "false");
        }

        /** Adds a condition. All conditions must hold. */
        Conditions and(String operator, String key, Object value) {
            conditions.computeIfAbsent(operator, name -> new TreeMap<>()).put(key, value);
            return this;
        }

        Map<String, Object> map() {
            return new LinkedHashMap<>(conditions);
        }
    }
}
