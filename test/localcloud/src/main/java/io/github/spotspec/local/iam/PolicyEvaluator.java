package io.github.spotspec.local.iam;

import io.github.spotspec.local.iam.PolicyDocument.Statement;
import java.util.List;

/**
 * Decides whether policies allow an access, following the IAM user guide's "Policy evaluation logic". An explicit deny
 * anywhere denies the access. Otherwise, an allow in the identity's or the resource's policies allows it, or both if
 * they belong to two accounts.
 */
public final class PolicyEvaluator {
    private PolicyEvaluator() {}

    /** Returns whether the identity's and the resource's policies allow an access within their account. */
    public static boolean allow(
            Principal principal,
            List<PolicyDocument> identity,
            List<PolicyDocument> resource,
            AuthorizationRequest access) {
        return !anyDeny(principal, identity, resource, access)
                && (anyAllow(identity, access)
                        || resource.stream()
                                .flatMap(policy -> policy.statements().stream())
                                .anyMatch(statement ->
                                        statement.allow() && names(statement, principal) && statement.covers(access)));
    }

    /**
     * Returns whether policies allow an access to a resource of another account than the principal's. Both accounts
     * must allow it. The resource's policies may name the principal or its account (IAM user guide, "Cross-account
     * policy evaluation logic").
     */
    static boolean allowAcrossAccounts(
            Principal principal,
            List<PolicyDocument> identity,
            List<PolicyDocument> resource,
            AuthorizationRequest access) {
        return !anyDeny(principal, identity, resource, access)
                && anyAllow(identity, access)
                && resource.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .anyMatch(statement -> statement.allow()
                                && (names(statement, principal) || namesAccount(statement, principal))
                                && statement.covers(access));
    }

    /**
     * Returns whether a principal may assume a role. The role must trust either the principal itself or its account. If
     * it trusts the account, the principal's own policies decide.
     */
    static boolean allowToAssume(
            Principal principal, List<PolicyDocument> identity, PolicyDocument trust, AuthorizationRequest access) {
        boolean own = anyAllow(identity, access);
        return !anyDeny(principal, identity, List.of(trust), access)
                && trust.statements().stream()
                        .filter(statement -> statement.allow() && statement.covers(access))
                        .anyMatch(statement ->
                                names(statement, principal) || (own && namesAccount(statement, principal)));
    }

    /** Returns whether a resource's policies allow an access to an AWS service. */
    public static boolean allowService(String service, List<PolicyDocument> resource, AuthorizationRequest access) {
        List<Statement> named = resource.stream()
                .flatMap(policy -> policy.statements().stream())
                .filter(statement -> statement
                        .principals()
                        .getOrDefault("Service", List.of())
                        .contains(service))
                .filter(statement -> statement.covers(access))
                .toList();
        return !named.isEmpty() && named.stream().allMatch(Statement::allow);
    }

    /**
     * Returns whether a resource's policies allow an access to an anonymous sender. A statement that names a principal
     * does not cover an anonymous sender.
     */
    public static boolean allowAnybody(List<PolicyDocument> resource, AuthorizationRequest access) {
        List<Statement> named = resource.stream()
                .flatMap(policy -> policy.statements().stream())
                .filter(statement -> aws(statement).contains("*"))
                .filter(statement -> statement.covers(access))
                .toList();
        return !named.isEmpty() && named.stream().allMatch(Statement::allow);
    }

    private static boolean anyAllow(List<PolicyDocument> identity, AuthorizationRequest access) {
        return identity.stream()
                .flatMap(policy -> policy.statements().stream())
                .anyMatch(statement -> statement.allow() && statement.covers(access));
    }

    private static boolean anyDeny(
            Principal principal,
            List<PolicyDocument> identity,
            List<PolicyDocument> resource,
            AuthorizationRequest access) {
        return identity.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .anyMatch(statement -> !statement.allow() && statement.covers(access))
                || resource.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .anyMatch(statement -> !statement.allow()
                                && (names(statement, principal) || namesAccount(statement, principal))
                                && statement.covers(access));
    }

    /** Returns whether a statement of a resource's policy names this principal or everybody. */
    private static boolean names(Statement statement, Principal principal) {
        List<String> arns = switch (principal) {
            case Principal.User user -> List.of(user.arn());
            case Principal.RoleSession session -> List.of(session.roleArn(), session.arn());
        };
        return aws(statement).stream().anyMatch(named -> named.equals("*") || arns.contains(named));
    }

    /**
     * Returns whether a statement of a resource's policy names this principal's account, by its id or as its root. Such
     * a deny covers everybody in the account. Such an allow does not allow anything on its own: the account's own
     * policies decide.
     */
    private static boolean namesAccount(Statement statement, Principal principal) {
        String account = principal.account();
        return aws(statement).stream()
                .anyMatch(named -> named.equals(account) || named.equals("arn:aws:iam::" + account + ":root"));
    }

    private static List<String> aws(Statement statement) {
        return statement.principals().getOrDefault("AWS", List.of());
    }
}
