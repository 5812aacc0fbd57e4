package io.github.spotspec.local.iam;

import io.github.spotspec.local.iam.PolicyDocument.Statement;
import java.util.List;

/**
 * Whether policies allow an access, after the IAM user guide's "Policy evaluation logic" for requests within one
 * account: an explicit deny anywhere denies; otherwise an allow in the identity's policies or in the resource's allows.
 */
public final class Policies {
    private Policies() {}

    /** Returns whether an identity may do something, by its own policies and by the resource's. */
    public static boolean allow(
            Principal principal,
            List<PolicyDocument> identity,
            List<PolicyDocument> resource,
            AuthorizationRequest access) {
        return !anyDeny(principal, identity, resource, access)
                && (identity.stream()
                                .flatMap(policy -> policy.statements().stream())
                                .anyMatch(statement -> statement.allow() && statement.covers(access))
                        || resource.stream()
                                .flatMap(policy -> policy.statements().stream())
                                .anyMatch(statement ->
                                        statement.allow() && names(statement, principal) && statement.covers(access)));
    }

    /**
     * Returns whether a principal may assume a role. A role must trust it: by its own name, or by its account's, which
     * leaves the choice to the principal's own policies.
     */
    static boolean allowToAssume(
            Principal principal, List<PolicyDocument> identity, PolicyDocument trust, AuthorizationRequest access) {
        boolean own = identity.stream()
                .flatMap(policy -> policy.statements().stream())
                .anyMatch(statement -> statement.allow() && statement.covers(access));
        return !anyDeny(principal, identity, List.of(trust), access)
                && trust.statements().stream()
                        .filter(statement -> statement.allow() && statement.covers(access))
                        .anyMatch(statement ->
                                names(statement, principal) || (own && namesAccount(statement, principal)));
    }

    /** Returns whether a resource's policies let an AWS service do something. */
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
     * Returns whether a resource's policies let anybody at all do something, without his saying who he is. A statement that
     * names somebody does not name him.
     */
    public static boolean allowAnybody(List<PolicyDocument> resource, AuthorizationRequest access) {
        List<Statement> named = resource.stream()
                .flatMap(policy -> policy.statements().stream())
                .filter(statement -> aws(statement).contains("*"))
                .filter(statement -> statement.covers(access))
                .toList();
        return !named.isEmpty() && named.stream().allMatch(Statement::allow);
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

    /** Whether a statement of a resource's policy names this principal; naming everybody does. */
    private static boolean names(Statement statement, Principal principal) {
        List<String> arns = switch (principal) {
            case Principal.User user -> List.of(user.arn());
            case Principal.RoleSession session -> List.of(session.roleArn(), session.arn());
        };
        return aws(statement).stream().anyMatch(named -> named.equals("*") || arns.contains(named));
    }

    /**
     * Whether a statement of a resource's policy names this principal's account, by its id or as its root. A deny that
     * does so denies everybody in it; an allow lets the account's own policies decide, and is none by itself.
     */
    private static boolean namesAccount(Statement statement, Principal principal) {
        String account = principal.arn().split(":")[4];
        return aws(statement).stream()
                .anyMatch(named -> named.equals(account) || named.equals("arn:aws:iam::" + account + ":root"));
    }

    private static List<String> aws(Statement statement) {
        return statement.principals().getOrDefault("AWS", List.of());
    }
}
