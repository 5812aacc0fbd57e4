package io.github.spotspec.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Stack;

/** The settings document: all that the construct tells the function, as JSON in one environment variable. */
final class FunctionSettings {
    /** The environment variable. */
    static final String VARIABLE = "SPOTSPEC_SETTINGS";

    private FunctionSettings() {}

    /** Returns the document; it may hold tokens, which CloudFormation fills in. */
    static String json(Stack stack, List<String> regions, String secretArn) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("regions", regions);
        document.put("secretArn", secretArn);
        return stack.toJsonString(document);
    }
}
