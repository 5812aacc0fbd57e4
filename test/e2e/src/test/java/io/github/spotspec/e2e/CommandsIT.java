package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents' commands: each is run by a test, where what it is about is tested, or says here why none can run it. */
final class CommandsIT {
    private static final Pattern RUN =
            Pattern.compile("DocumentedCommand\\s*\\.of\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"\\s*\\)");

    private static final Map<String, String> NOT_RUN = reasons();

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new HashMap<>();
        String builds = "builds anew what these tests run on";
        for (String goals : List.of(
                "mvn verify",
                "mvn verify -Plong",
                "mvn verify -DskipITs",
                "mvn compile",
                "mvn test",
                "mvn install -DskipTests -pl infra -am",
                "mvn spotless:apply",
                "mvn -Pmutation -pl function test",
                "mvn -Pbench verify")) {
            reasons.put(goals, builds);
        }
        reasons.put("mvn verify -DskipITs -Dapi.since=0.1.0", "there is no such release yet");
        reasons.put("mvn clean deploy -Prelease", "publishes");
        reasons.put("npm install --package-lock-only", "asks the registry what is new");
        reasons.put("npm ci && npx cdk bootstrap", "the local cloud has from the start what this makes in an account");
        reasons.put("export AWS_REGION=us-west-2", "every test that deploys does so in the environment");
        reasons.put("npx -y aws-cdk@2 deploy", "as it stands, of an app that is the reader's own");
        reasons.put("npx -y aws-cdk@2 synth", "as it stands, of an app that is the reader's own");
        reasons.put("curl --compressed", "names an option");
        reasons.put("aws iam resync-mfa-device", "names a command, for a device whose clock is off");
        reasons.put(
                "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
                "the local cloud lets only EC2 make this role, when it is first needed");
        return Map.copyOf(reasons);
    }

    @Test
    void everyCommandIsRunOrSaysWhyNot() throws Exception {
        Set<String> commands = DocumentedCommand.all().stream()
                .map(DocumentedCommand::text)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> run = run();
        Set<String> both = new TreeSet<>(run);
        both.retainAll(NOT_RUN.keySet());
        assertEquals(Set.of(), both, "is run, and says why not");
        assertTrue(commands.containsAll(NOT_RUN.keySet()), () -> {
            Set<String> gone = new TreeSet<>(NOT_RUN.keySet());
            gone.removeAll(commands);
            return "no document has it any more: " + gone;
        });

        commands.removeAll(run);
        commands.removeAll(NOT_RUN.keySet());
        assertEquals(Set.of(), commands, "no test runs it");
        assertTrue(run.size() > 20, "only " + run.size() + " are run");
    }

    /** Returns the commands that tests take from the documents. */
    private static Set<String> run() throws IOException {
        Set<String> run = new TreeSet<>();
        try (Stream<Path> sources =
                Files.walk(LocalDeployment.PROJECT.resolve("test/e2e/src/test/java/io/github/spotspec/e2e"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith("IT.java")).toList()) {
                Matcher taken = RUN.matcher(Files.readString(source));
                while (taken.find()) {
                    run.add(DocumentedCommand.of(taken.group(1).translateEscapes())
                            .text());
                }
            }
        }
        return run;
    }
}
