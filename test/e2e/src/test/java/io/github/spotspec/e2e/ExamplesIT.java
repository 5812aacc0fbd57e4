package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Builds and synthesizes the examples against the installed construct, with the command of their {@code cdk.json}. */
@Tag("long")
final class ExamplesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path TARGET = LocalDeployment.PROJECT.resolve("test/e2e/target");

    /** Compiles less and collects garbage in one thread, because these builds take only seconds. */
    private static final String MAVEN_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    /** The Maven repository with the installed construct. */
    private static final Path REPOSITORY = TARGET.resolve("repository");

    private static final boolean OFFLINE = "offline=true".equals(System.getProperty("network"));

    /** A version that lacks classes which the construct uses. */
    private static final String OLD_CDK = "2.200.1";

    private static final Path ASSEMBLY = TARGET.resolve("examples.cdk.out");

    @BeforeAll
    static void synthesize() throws Exception {
        Path examples = TARGET.resolve("examples");
        Folders.delete(examples);
        Folders.delete(ASSEMBLY);
        Folders.copy(LocalDeployment.PROJECT.resolve("examples"), examples);
        linkRepositoryExcept(
                Path.of(System.getProperty("local.repository")), REPOSITORY, List.of("io", "github", "spotspec"));
        // The CDK CLI sets this variable. All examples write their stacks to the same folder.
        run(examples, Map.of("CDK_OUTDIR", ASSEMBLY.toString()), "-e", "-q", "compile", "exec:java");
    }

    /** Runs Maven in a folder, and returns its output. */
    private static String run(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        Ran ran = ran(folder, environment, arguments);
        assertEquals(0, ran.status(), ran.output());
        return ran.output();
    }

    private record Ran(int status, String output) {}

    private static Ran ran(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = maven();
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("MAVEN_OPTS", MAVEN_OPTIONS);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }

    /** Returns the start of a command of the Maven that runs this build, with the repository of importers. */
    private static List<String> maven() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "-B",
                "-Dmaven.repo.local=" + REPOSITORY));
        if (OFFLINE) {
            command.add("-o");
        }
        return command;
    }

    /**
     * Creates a repository that links to everything in another one, except one group. Third-party jars are fetched
     * once.
     */
    private static void linkRepositoryExcept(Path shared, Path own, List<String> group) throws IOException {
        Files.createDirectories(own);
        if (group.isEmpty()) {
            return;
        }
        try (Stream<Path> folders = Files.list(shared)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                Path name = Objects.requireNonNull(folder.getFileName());
                Path link = own.resolve(name);
                if (!name.toString().equals(group.getFirst()) && !Files.exists(link)) {
                    Files.createSymbolicLink(link, folder);
                }
            }
        }
        linkRepositoryExcept(
                shared.resolve(group.getFirst()), own.resolve(group.getFirst()), group.subList(1, group.size()));
    }

    @Test
    void aggregatorBuildsEveryExample() throws Exception {
        List<Path> examples;
        try (Stream<Path> folders = Files.list(LocalDeployment.PROJECT.resolve("examples"))) {
            examples = folders.filter(Files::isDirectory).toList();
        }
        String aggregator = Files.readString(LocalDeployment.PROJECT.resolve("examples/pom.xml"));
        assertFalse(examples.isEmpty());
        for (Path example : examples) {
            assertTrue(aggregator.contains("<module>" + example.getFileName() + "</module>"), example.toString());
            assertEquals(
                    "mvn -e -q compile exec:java",
                    JSON.readTree(example.resolve("cdk.json").toFile())
                            .path("app")
                            .asText());
        }
    }

    @Test
    void documentedCommandSynthesizesMinimalExample() throws Exception {
        // Within the project, so that npx finds the installed CDK CLI.
        Path home = TARGET.resolve("home");
        Folders.delete(home);
        Path bin = Files.createDirectories(home.resolve("bin"));
        Path mvn = Files.writeString(bin.resolve("mvn"), "#!/bin/sh\nexec " + String.join(" ", maven()) + " \"$@\"\n");
        assertTrue(mvn.toFile().setExecutable(true));

        DocumentedCommand.of("cp -r examples/minimal ~/my-app")
                .run(process -> process.environment()
                        .putAll(Map.of(
                                "HOME",
                                home.toString(),
                                "PATH",
                                bin + ":" + System.getenv("PATH"),
                                "MAVEN_OPTS",
                                MAVEN_OPTIONS,
                                // Unpacks the jsii kernel once.
                                "JSII_RUNTIME_PACKAGE_CACHE_ROOT",
                                Path.of(System.getProperty("user.home"), ".cache/aws/jsii/package-cache")
                                        .toString(),
                                "CDK_NOTICES",
                                "false",
                                "CDK_DISABLE_CLI_TELEMETRY",
                                "true")));

        Set<String> synthesized = resourceNames(home.resolve("my-app/cdk.out"));
        // The CLI adds this resource.
        synthesized.remove("CDKMetadata");
        assertEquals(resourceNames(ASSEMBLY), synthesized);
    }

    /** Returns the names of the minimal example's resources. */
    private static Set<String> resourceNames(Path assembly) throws IOException {
        Set<String> names = new TreeSet<>();
        JSON.readTree(assembly.resolve("Minimal.template.json").toFile())
                .path("Resources")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    @Test
    void testOfMinimalExamplePasses() throws Exception {
        String output =
                run(TARGET.resolve("examples/minimal"), Map.of("JAVA_HOME", System.getProperty("java.home")), "test");

        assertTrue(output.contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0"), output);
    }

    /** Downloads the old version once, if this build may use the network. */
    @Test
    void olderCdkIsNamedWithTheRequiredVersion() throws Exception {
        Path old = Path.of("software/amazon/awscdk/aws-cdk-lib", OLD_CDK, "aws-cdk-lib-" + OLD_CDK + ".jar");
        assumeTrue(
                !OFFLINE || Files.exists(REPOSITORY.resolve(old)),
                "aws-cdk-lib " + OLD_CDK + " is not in the repository");
        Path app = TARGET.resolve("old-cdk");
        Folders.delete(app);
        Folders.copy(LocalDeployment.PROJECT.resolve("examples/minimal"), app);
        Path pom = app.resolve("pom.xml");
        String dependency = "<dependency><groupId>software.amazon.awscdk</groupId><artifactId>aws-cdk-lib</artifactId>"
                + "<version>" + OLD_CDK + "</version></dependency>";
        Files.writeString(pom, Files.readString(pom).replaceFirst("<dependencies>", "<dependencies>" + dependency));

        Ran ran = ran(app, Map.of(), "-q", "compile", "exec:java");

        assertTrue(ran.status() != 0, ran.output());
        assertTrue(ran.output().contains("needs aws-cdk-lib "), ran.output());
        assertTrue(ran.output().contains("got " + OLD_CDK), ran.output());
    }

    @Test
    void minimalExampleHasSignedUrlAndKeeper() throws Exception {
        Map<String, Integer> types = types("Minimal");

        assertEquals(2, types.get("AWS::Lambda::Function"));
        assertEquals(
                "AWS_IAM",
                onlyProperties("Minimal", "AWS::Lambda::Url").path("AuthType").asText());
        assertTrue(template("Minimal").path("Outputs").has("SpotUrl"));
    }

    @Test
    void kotlinExampleEqualsMinimalExample() throws Exception {
        assertEquals(normalized("Minimal"), normalized("InKotlin"));
    }

    /** Returns a template without the name of the stack, and without hashes that depend on it. */
    private static String normalized(String stack) throws IOException {
        return Files.readString(ASSEMBLY.resolve(stack + ".template.json"))
                .replace(stack, "STACK")
                .replaceAll("(CurrentVersion|STACKSpotKeeperFunction|STACKSpotFunctionAliaslive)[0-9A-Fa-f]+", "$1");
    }

    @Test
    void lockedDownExampleIsLimitedByIam() throws Exception {
        String policies = properties("LockedDown", "AWS::IAM::ManagedPolicy").toString();

        for (String limit : List.of(
                "m7g.*",
                "image/ami-0123456789abcdef0",
                "subnet/subnet-0123456789abcdef1",
                "security-group/sg-0123456789abcdef0",
                "\"aws:MultiFactorAuthPresent\":\"true\"",
                "\"ec2:VolumeSize\":")) {
            assertTrue(policies.contains(limit), limit + " is missing in " + policies);
        }
        for (JsonNode secret : properties("LockedDown", "AWS::SecretsManager::Secret")) {
            assertTrue(secret.has("KmsKeyId"), secret.toString());
        }
        assertEquals(2, types("LockedDown").get("AWS::SecretsManager::RotationSchedule"));
        for (JsonNode alarm : properties("LockedDown", "AWS::CloudWatch::Alarm")) {
            assertEquals(1, alarm.path("AlarmActions").size(), alarm.toString());
        }
    }

    @Test
    void machinesLaunchWithoutMfaAndOneBranchMayCallThem() throws Exception {
        String trust = properties("PeopleAndMachines", "AWS::IAM::Role").stream()
                .map(role -> role.path("AssumeRolePolicyDocument").toString())
                .filter(document -> document.contains("AssumeRoleWithWebIdentity"))
                .collect(Collectors.joining());
        assertTrue(trust.contains("\"repo:my-org/my-repository:ref:refs/heads/main\""), trust);
        assertTrue(trust.contains("\"token.actions.githubusercontent.com:aud\":\"sts.amazonaws.com\""), trust);
        List<JsonNode> ofJob = properties("PeopleAndMachines", "AWS::IAM::Policy").stream()
                .filter(policy -> policy.path("PolicyName").asText().startsWith("Job"))
                .toList();
        assertEquals(1, ofJob.size(), ofJob.toString());
        assertEquals(
                List.of("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
                ofJob.getFirst().path("PolicyDocument").path("Statement").findValuesAsText("Action"));
        String settings = properties("PeopleAndMachines", "AWS::Lambda::Function").stream()
                .map(function -> function.path("Environment").toString())
                .filter(environment -> environment.contains("PeopleAndMachines/Machines@"))
                .filter(environment -> environment.contains("maxInstances"))
                .collect(Collectors.joining())
                .replace("\\", "");
        for (String limit : List.of(
                "\"maxInstances\":4",
                "\"maxLease\":7200",
                "\"instanceTypes\":[\"m7g.large\",\"c7g.large\"]",
                "\"maxPrice\":\"0.10\"",
                "\"maxCommitted\":\"2\"")) {
            assertTrue(settings.contains(limit), limit + " in " + settings);
        }
        List<String> policies = properties("PeopleAndMachines", "AWS::IAM::ManagedPolicy").stream()
                .map(JsonNode::toString)
                .filter(policy -> policy.contains("ec2:RunInstances"))
                .toList();
        assertTrue(policies.stream().anyMatch(policy -> policy.contains("aws:MultiFactorAuthPresent")));
        assertTrue(policies.stream().anyMatch(policy -> !policy.contains("aws:MultiFactorAuthPresent")));
    }

    @Test
    void tokenExampleHasOpenUrlAndMinter() throws Exception {
        assertEquals(
                "NONE",
                onlyProperties("Tokens", "AWS::Lambda::Url").path("AuthType").asText());
        assertTrue(template("Tokens").path("Outputs").has("MinterName"));
    }

    @Test
    void severalRegionsExampleForwardsInterruptions() throws Exception {
        for (String region : List.of("us-east-1", "eu-west-1")) {
            String target = onlyProperties("Events-" + region, "AWS::Events::Rule")
                    .path("Targets")
                    .toString();
            assertTrue(target.contains(":events:us-west-2:"), target);
        }
        assertEquals(1, types("SeveralRegions").get("AWS::CloudWatch::Dashboard"));
    }

    @Test
    void priceOnlyExampleCannotLaunch() throws Exception {
        assertEquals(1, types("PriceOnly").get("AWS::Lambda::Function"));
        String policy = onlyProperties("PriceOnly", "AWS::IAM::ManagedPolicy").toString();
        assertTrue(policy.contains("ec2:DescribeSpotPriceHistory"), policy);
        assertFalse(policy.contains("ec2:RunInstances"), policy);
    }

    @Test
    void installsJarSourcesAndJavadoc() throws Exception {
        assertInstalled("spotspec-cdk", "io.github.spotspec.infra", "SpotService");
        assertInstalled("spotspec-localcloud", "io.github.spotspec.local.junit", "LocalAwsExtension");
    }

    /** Asserts that an artifact has a module name, and sources and Javadoc of a class. */
    private static void assertInstalled(String artifact, String packageName, String type) throws IOException {
        String version = System.getProperty("version");
        Path library =
                REPOSITORY.resolve("io/github/spotspec").resolve(artifact).resolve(version);
        String prefix = artifact + "-" + version;
        String file = packageName.replace('.', '/') + "/" + type;
        try (JarFile jar = new JarFile(library.resolve(prefix + ".jar").toFile());
                JarFile sources =
                        new JarFile(library.resolve(prefix + "-sources.jar").toFile());
                JarFile javadoc =
                        new JarFile(library.resolve(prefix + "-javadoc.jar").toFile())) {
            String module = jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name");
            assertTrue(packageName.startsWith(module), module);
            assertTrue(sources.getEntry(file + ".java") != null);
            assertTrue(javadoc.stream().anyMatch(page -> page.getName().endsWith(file + ".html")));
        }
    }

    private static JsonNode template(String stack) throws IOException {
        return JSON.readTree(ASSEMBLY.resolve(stack + ".template.json").toFile());
    }

    /** Returns the number of resources of each type in a stack. */
    private static Map<String, Integer> types(String stack) throws IOException {
        Map<String, Integer> types = new TreeMap<>();
        template(stack)
                .path("Resources")
                .forEach(resource -> types.merge(resource.path("Type").asText(), 1, Integer::sum));
        return types;
    }

    /** Returns the properties of all resources of a type in a stack. */
    private static List<JsonNode> properties(String stack, String type) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        template(stack).path("Resources").forEach(resource -> {
            if (resource.path("Type").asText().equals(type)) {
                found.add(resource.path("Properties"));
            }
        });
        assertFalse(found.isEmpty(), type + " in " + stack);
        return found;
    }

    private static JsonNode onlyProperties(String stack, String type) throws IOException {
        List<JsonNode> found = properties(stack, type);
        assertEquals(1, found.size(), found.toString());
        return found.getFirst();
    }
}
