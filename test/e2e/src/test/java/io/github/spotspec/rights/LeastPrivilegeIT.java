package io.github.spotspec.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.PolicyEvaluator;
import io.github.spotspec.local.iam.Principal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Tests least privilege. The local cloud's evaluator decides every cell on the synthesized policies of several
 * deployments, and must agree with the table of expected rights. A cell combines identity, operation, ownership, MFA,
 * region, type and market. A second evaluator, iam-simulate, must agree on every authorization request that is allowed,
 * and on one in {@code -Drights.sample=N} of those that are denied.
 */
final class LeastPrivilegeIT {
    private static final Path PROJECT = Path.of(System.getProperty("project"));
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final int MAX_SHOWN = 30;
    private static final int SAMPLE = Integer.getInteger("rights.sample", 8);

    private final Authorizer authorizer = new Authorizer(
            new Identities(Account.ID, InstantSource.fixed(NOW)), InstantSource.fixed(NOW), new AuditTrail());
    private final IamSimulator simulator = new IamSimulator();

    /**
     * An authorization request of a cell, with the decision of the local cloud and the number of the simulated
     * question, if the simulator decides it too.
     */
    private record DecidedRequest(AuthorizationRequest request, boolean allowed, OptionalInt number) {}

    private record DecidedCell(Deployment deployment, Cell cell, List<DecidedRequest> questions) {}

    @Test
    void everyCellMatchesTheTable() throws Exception {
        List<DecidedCell> cells = new ArrayList<>();
        for (Deployment deployment : Deployment.values()) {
            cells.addAll(decide(deployment));
        }
        simulator.answer(PROJECT);

        ExpectedRights expected = ExpectedRights.read();
        Set<String> wrong = new TreeSet<>();
        Set<ExpectedRights.Line> used = new HashSet<>();
        for (DecidedCell decided : cells) {
            String cell = decided.deployment() + " " + decided.cell().names();
            for (DecidedRequest question : decided.questions()) {
                question.number().ifPresent(number -> compare(question, simulator.answer(number), cell, wrong));
            }
            boolean allowed = decided.questions().stream().allMatch(DecidedRequest::allowed);
            if (allowed != expected.allows(decided.deployment(), decided.cell())) {
                wrong.add((allowed ? "allowed, but denied in the table: " : "denied, but allowed in the table: ")
                        + cell
                        + decided.questions().stream()
                                .filter(question -> !question.allowed())
                                .findFirst()
                                .map(question -> ": " + question.request())
                                .orElse(""));
            }
            if (allowed) {
                expected.lines(decided.deployment()).stream()
                        .filter(line -> line.allows(decided.cell().names()))
                        .forEach(used::add);
            }
        }
        for (Deployment deployment : Deployment.values()) {
            expected.lines(deployment).stream()
                    .filter(line -> !used.contains(line))
                    .forEach(line -> wrong.add(deployment + " has no cell for " + line.text()));
        }

        System.out.printf(
                "Least privilege: %,d cells, %,d of them allowed; %,d distinct questions to iam-simulate.%n",
                cells.size(),
                cells.stream()
                        .filter(cell -> cell.questions().stream().allMatch(DecidedRequest::allowed))
                        .count(),
                simulator.questions());
        assertEquals(
                "",
                String.join("\n", wrong.stream().limit(MAX_SHOWN).toList()),
                wrong.size() + " in " + cells.size() + " cells differ from the table");
    }

    private static void compare(DecidedRequest question, IamSimulator.Answer other, String cell, Set<String> wrong) {
        AuthorizationRequest access = question.request();
        if (other.allowed() != question.allowed()) {
            wrong.add("only " + (other.allowed() ? "iam-simulate" : "the local cloud") + " allows " + access + " of "
                    + cell);
        }
        other.faults().forEach(fault -> wrong.add(fault + " for " + access.action() + " on " + access.resource()));
    }

    private List<DecidedCell> decide(Deployment deployment) {
        Rights rights = deployment.synthesized();
        Map<Identity, List<PolicyDocument>> policies = new EnumMap<>(Identity.class);
        for (Identity identity : Identity.values()) {
            List<Map<?, ?>> documents = rights.policies(identity);
            policies.put(identity, documents.stream().map(PolicyDocument::parse).toList());
            simulator.addPolicies(deployment + " " + identity, documents);
        }
        assertTrue(
                rights.actions(deployment.operator()).stream().anyMatch(action -> action.startsWith("ec2:")),
                "the operator has no policies");
        List<DecidedCell> cells = new ArrayList<>();
        // Many cells have the same authorization requests.
        Map<Identity, Map<AuthorizationRequest, DecidedRequest>> known = new EnumMap<>(Identity.class);
        for (Cell cell : Cell.all()) {
            Identity identity = cell.identity();
            Principal principal = principal(cell);
            List<PolicyDocument> own = policies.getOrDefault(identity, List.of());
            Map<AuthorizationRequest, DecidedRequest> ofIdentity =
                    known.computeIfAbsent(identity, fresh -> new HashMap<>());
            List<DecidedRequest> questions = cell.operation().steps(deployment, rights, cell).stream()
                    .map(step ->
                            new AuthorizationRequest(step.action(), step.resource(), context(cell, step, principal)))
                    .map(access -> ofIdentity.computeIfAbsent(access, fresh -> {
                        boolean allowed = PolicyEvaluator.allow(principal, own, List.of(), fresh);
                        boolean simulated = IamSimulator.supports(fresh)
                                && (allowed || Math.floorMod(fresh.hashCode(), SAMPLE) == 0);
                        return new DecidedRequest(
                                fresh,
                                allowed,
                                simulated
                                        ? OptionalInt.of(simulator.addQuestion(
                                                principal.arn(), deployment + " " + identity, own.size(), fresh))
                                        : OptionalInt.empty());
                    }))
                    .toList();
            cells.add(new DecidedCell(deployment, cell, questions));
        }
        return cells;
    }

    private Map<String, List<String>> context(Cell cell, RequiredAuthorizations.Step step, Principal principal) {
        Map<String, List<String>> context = authorizer.context(true, principal, step.region());
        if (cell.mfa() == Cell.Mfa.CODE && !cell.identity().isUser()) {
            // Roles can be assumed with a code. That must grant nothing more.
            context.put("aws:MultiFactorAuthPresent", List.of("true"));
        }
        if (step.action().equals("iam:PassRole")) {
            // AWS does not document whether EC2 forwards these keys.
            context.keySet().removeAll(Set.of("aws:SecureTransport", "aws:MultiFactorAuthPresent"));
        }
        context.putAll(step.keys());
        return context;
    }

    private static Principal principal(Cell cell) {
        String name = cell.identity().logicalId.isEmpty() ? "stranger" : cell.identity().logicalId;
        return cell.identity().isUser()
                ? new Principal.User(
                        name,
                        Account.iam("user/" + name),
                        "AIDA0123456789ABCDEFG",
                        cell.mfa() != Cell.Mfa.KEY,
                        cell.mfa() == Cell.Mfa.CODE ? NOW.minusSeconds(60) : null)
                : new Principal.RoleSession(
                        name,
                        Account.iam("role/" + name),
                        Account.of("sts", "", Account.ID, "assumed-role/" + name + "/session"),
                        "AROA0123456789ABCDEFG:session");
    }
}
