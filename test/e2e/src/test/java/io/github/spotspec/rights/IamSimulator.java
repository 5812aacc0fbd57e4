package io.github.spotspec.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.iam.AuthorizationRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Evaluates policies with iam-simulate, an independent implementation. One Node.js process answers all questions. */
final class IamSimulator {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The decision on a question.
     *
     * @param faults errors in the question: an unknown action or type of resource, or condition keys that AWS does not
     *     have for them
     */
    record Answer(boolean allowed, List<String> faults) {}

    private final ObjectNode input = JSON.createObjectNode().put("account", Account.ID);
    private final ObjectNode policies = input.putObject("policies");
    private final ArrayNode questions = input.putArray("questions");
    private final Map<JsonNode, Integer> numbers = new HashMap<>();
    private final List<Answer> answers = new ArrayList<>();

    /** Adds policies. Questions refer to them by the prefix. */
    void addPolicies(String prefix, List<Map<?, ?>> documents) {
        for (int i = 0; i < documents.size(); i++) {
            policies.set(prefix + i, JSON.valueToTree(documents.get(i)));
        }
    }

    /**
     * Returns whether iam-simulate supports a request. It does not support public parameters, because their ARNs have
     * no account. It keeps only one of two tags whose keys differ only in case, where IAM keeps both.
     */
    static boolean supports(AuthorizationRequest access) {
        long keys = access.context().keySet().stream()
                .map(key -> key.toLowerCase(Locale.ROOT))
                .distinct()
                .count();
        return !access.resource().contains("::parameter/aws/service/")
                && keys == access.context().size();
    }

    /** Adds a question if it is new, and returns its number. */
    int addQuestion(String principalArn, String prefix, int count, AuthorizationRequest access) {
        ObjectNode question = JSON.createObjectNode().put("principal", principalArn);
        ArrayNode names = question.putArray("policies");
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        question.put("action", access.action()).put("resource", access.resource());
        Map<String, Object> context = new LinkedHashMap<>();
        access.context()
                .forEach((key, values) -> context.put(key, key.equals("aws:TagKeys") ? values : values.getFirst()));
        question.set("context", JSON.valueToTree(context));
        return numbers.computeIfAbsent(question, fresh -> {
            questions.add(fresh);
            return questions.size() - 1;
        });
    }

    int questions() {
        return questions.size();
    }

    /** Answers all questions. */
    void answer(Path project) throws IOException, InterruptedException {
        Path script = project.resolve("test/e2e/src/test/node/simulate.mjs");
        Process node = new ProcessBuilder("node", script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = node.getOutputStream()) {
            JSON.writeValue(in, input);
        }
        JsonNode given = JSON.readTree(node.getInputStream().readAllBytes());
        if (node.waitFor() != 0) {
            throw new AssertionError("iam-simulate failed; its message is on the standard error");
        }
        for (JsonNode answer : given) {
            List<String> faults = new ArrayList<>();
            answer.path("ignored").forEach(key -> faults.add("no key " + key.asText()));
            if (answer.has("error")) {
                faults.add(answer.path("error").asText());
            }
            answers.add(new Answer(answer.path("allowed").asBoolean(), faults));
        }
        if (answers.size() != questions.size()) {
            throw new AssertionError(answers.size() + " answers to " + questions.size() + " questions");
        }
    }

    Answer answer(int question) {
        return Objects.requireNonNull(answers.get(question));
    }
}
