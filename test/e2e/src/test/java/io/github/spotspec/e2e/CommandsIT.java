package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks that each documented command either is run by a test or has a reason not to be. */
final class CommandsIT {
    private static final Map<String, String> NOT_RUN = reasons();

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new HashMap<>();
        for (String maven : List.of(
                "mvn verify",
                "mvn verify -Plong",
                "mvn verify -DskipITs",
                "mvn compile",
                "mvn test",
                "mvn install -DskipTests -pl infra,test/localcloud -am",
                "mvn spotless:apply",
                "mvn -Pmutation -pl function test",
                "mvn -Pbench verify")) {
            reasons.put(maven, "would rebuild the modules under test");
        }
        reasons.put("mvn verify -DskipITs -Dapi.since=0.1.0", "that release does not exist yet");
        reasons.put("mvn clean deploy -Prelease", "publishes a release");
        reasons.put("npm install --package-lock-only", "needs the npm registry");
        reasons.put("npm ci && npx cdk bootstrap", "the local cloud is bootstrapped from the start");
        reasons.put("export AWS_REGION=us-west-2", "tests set it in the environment of each process");
        reasons.put("npx -y aws-cdk@2 deploy", "belongs to an app of the reader");
        reasons.put("npx -y aws-cdk@2 synth", "belongs to an app of the reader");
        reasons.put("curl --compressed", "names an option");
        reasons.put("aws iam resync-mfa-device", "names a command for a device whose clock is off");
        reasons.put(
                "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
                "in the local cloud only EC2 creates this role");
        return Map.copyOf(reasons);
    }

    @Test
    void everyDocumentedCommandIsRunOrExplained() throws Exception {
        Set<String> known = new TreeSet<>(NOT_RUN.keySet());
        for (String prefix : DocumentedCommand.RUN_BY_TESTS) {
            String text = DocumentedCommand.of(prefix).text();
            assertTrue(known.add(text), () -> "listed twice: " + text);
        }

        assertEquals(
                known,
                DocumentedCommand.all().stream()
                        .map(DocumentedCommand::text)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }
}
