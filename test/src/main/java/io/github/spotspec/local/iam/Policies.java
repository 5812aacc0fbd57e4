package io.github.spotspec.local.iam;

import io.github.spotspec.local.iam.PolicyDocument.Statement;
import java.util.List;
import java.util.Map;

/**
 * Whether policies allow an access, after the IAM user guide's "Policy evaluation logic" for requests within one
 * account: an explicit deny anywhere denies; otherwise an allow in the identity's policies or in the resource's allows.
 */
public final class Policies {
    private Policies() {}

    /** Returns whether an identity may do something, by its own policies and by the resource's. */
    public static boolean allow(
            Principal principal, List<PolicyDocument> identity, List<PolicyDocument> resource, Access access) {
        return !anyDeny(principal, identity, resource, access)
                && (identity.stream()
                                .flatMap(policy -> policy.statements().stream())
                                .anyMatch(statement -> statement.allow() && statement.covers(access))
                        || resource.stream()
                                .flatMap(policy -> policy.statements().stream())
                                .anyMatch(statement ->
                                        statement.allow() && names(statement, principal) && statement.covers(access)));
    }

    /** Returns whether a resource's policies let an AWS service do something. */
    public static boolean allowService(String service, List<PolicyDocument> resource, Access access) {
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

    private static boolean anyDeny(
            Principal principal, List<PolicyDocument> identity, List<PolicyDocument> resource, Access access) {
        return identity.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .anyMatch(statement -> !statement.allow() && statement.covers(access))
                || resource.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .anyMatch(statement ->
                                !statement.allow() && names(statement, principal) && statement.covers(access));
    }

    /**
     * Whether a statement of a resource's policy names this principal. Naming the account lets the account's own policies
     * decide, which for a resource's policy alone is no allow; naming everybody is.
     */
    private static boolean names(Statement statement, Principal principal) {
        List<String> arns = switch (principal) {
            case Principal.User user -> List.of(user.arn());
            case Principal.RoleSession session -> List.of(session.roleArn(), session.arn());
        };
        for (Map.Entry<String, List<String>> kind : statement.principals().entrySet()) {
            if (kind.getKey().equals("AWS")
                    && kind.getValue().stream().anyMatch(named -> named.equals("*") || arns.contains(named))) {
                return true;
            }
        }
        return false;
    }
}
