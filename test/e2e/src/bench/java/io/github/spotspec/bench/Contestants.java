package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.bench.peer.PlainHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import software.amazon.awssdk.core.util.VersionInfo;

/** The function and its alternatives. */
final class Contestants {
    static final String OWN = "spotspec";
    static final String EARLIER = "earlier spotspec";
    static final String PLAIN = "plain Java";
    static final String NODE = "Node.js";
    static final String ANCESTOR = "the ancestor";
    static final String BOTO3 = "boto3";
    static final String CLI = "AWS CLI";

    /** The variable that the construct sets in addition to the settings. */
    private static final Map<String, String> COMPILER = Map.of("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Contestant> installed = new TreeMap<>();
    private final List<String> missing = new ArrayList<>();

    /**
     * Finds the installed contestants.
     *
     * @param function the packaged function
     * @param earlier an earlier packaged function to compare with; empty for none
     * @param sdk the jars of the AWS SDK, with its default dependencies
     * @param scripts the folder of the peers in other languages, with installed packages
     */
    Contestants(Path function, Optional<Path> earlier, List<Path> sdk, Path scripts)
            throws IOException, InterruptedException {
        add(own(OWN, "the packaged function", function));
        if (earlier.isPresent()) {
            add(own(EARLIER, "an earlier packaged function", earlier.get()));
        }
        add(new Contestant(
                PLAIN,
                "a handler on the AWS SDK for Java " + VersionInfo.SDK_VERSION
                        + " as it is by default, in Lambda's runtime client for Java; it asks one region after another",
                Map.of(),
                PlainHandler.class.getName(),
                code(PlainHandler.class, sdk),
                List.of()));
        Optional<List<String>> node =
                InstalledProgram.lines("node", "-p", "process.execPath + '\\n' + process.version");
        node.ifPresentOrElse(
                found -> addNodes(found.getFirst(), found.getLast(), scripts), () -> missing.add("Node.js"));
        addPythons(node.map(List::getFirst), scripts);
    }

    private static Contestant own(String name, String what, Path function) throws IOException {
        return new Contestant(
                name,
                what + ", in Lambda's runtime client for Java, with C1 only",
                COMPILER,
                "io.github.spotspec.function.SpotHandler",
                Files.readAllBytes(function),
                List.of());
    }

    private void addNodes(String node, String version, Path scripts) {
        add(new Contestant(
                NODE,
                "Node.js " + version + " with @aws-sdk/client-ec2 " + packaged(scripts, "@aws-sdk/client-ec2")
                        + ", behind a loop on the Runtime API",
                Map.of(),
                "",
                new byte[0],
                List.of(node, scripts.resolve("sdk3.mjs").toString())));
        add(new Contestant(
                ANCESTOR,
                "spotspec " + packaged(scripts, "spotspec") + " with aws-sdk " + packaged(scripts, "aws-sdk")
                        + " on the same Node.js, behind the same loop",
                Map.of(),
                "",
                new byte[0],
                List.of(node, scripts.resolve("ancestor.mjs").toString())));
    }

    private void addPythons(Optional<String> node, Path scripts) throws InterruptedException {
        Optional<List<String>> python = InstalledProgram.lines(
                "python3",
                "-c",
                "import sys, platform, boto3; print(sys.executable, platform.python_version(), boto3.__version__,"
                        + " sep='\\n')");
        python.ifPresentOrElse(
                found -> add(new Contestant(
                        BOTO3,
                        "boto3 " + found.get(2) + " on Python " + found.get(1) + ", behind a loop on the Runtime API",
                        Map.of(),
                        "",
                        new byte[0],
                        List.of(found.getFirst(), scripts.resolve("sdk.py").toString()))),
                () -> missing.add("boto3 for python3"));
        // Prefers the CLI next to Python, because the one on the path may be a slow script of a version manager.
        String sibling = python.map(found -> Path.of(found.getFirst()).resolveSibling("aws"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .orElse("aws");
        Optional<List<String>> cli = InstalledProgram.lines(sibling, "--version");
        if (cli.isPresent() && node.isPresent()) {
            add(new Contestant(
                    CLI,
                    cli.get().getFirst().split(" ")[0].replace('/', ' ') + ", a process for each request",
                    Map.of("AWS_CLI", sibling, "PATH", String.valueOf(System.getenv("PATH"))),
                    "",
                    new byte[0],
                    List.of(node.get(), scripts.resolve("cli.mjs").toString())));
        } else {
            missing.add("the AWS CLI");
        }
    }

    private void add(Contestant contestant) {
        installed.put(contestant.name(), contestant);
    }

    /** Returns the installed contestants among these, in this order. */
    List<Contestant> of(String... names) {
        return Arrays.stream(names)
                .filter(installed::containsKey)
                .map(installed::get)
                .toList();
    }

    /** Describes the installed and the missing contestants. */
    void describe(Table table) {
        of(OWN, EARLIER, PLAIN, NODE, ANCESTOR, BOTO3, CLI)
                .forEach(contestant -> table.fact(contestant.name() + ": " + contestant.what()));
        missing.forEach(name -> table.fact("not installed, so not measured: " + name));
    }

    /** Returns a package with a jar of one class and a class path. */
    private static byte[] code(Class<?> type, List<Path> classPath) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        classPath.stream().map(jar -> jar.toUri().toString()).collect(Collectors.joining(" ")));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        manifest.write(bytes);
        String entry = type.getName().replace('.', '/') + ".class";
        try (InputStream in = type.getResourceAsStream("/" + entry)) {
            if (in == null) {
                throw new IOException("class file not found: " + entry);
            }
            byte[] library = zip(Map.of(JarFile.MANIFEST_NAME, bytes.toByteArray(), entry, in.readAllBytes()));
            return zip(Map.of("lib/handler.jar", library));
        }
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** Returns the version of an npm package. */
    private static String packaged(Path scripts, String name) {
        try {
            return JSON.readTree(scripts.resolve("node_modules/" + name + "/package.json")
                            .toFile())
                    .path("version")
                    .asText();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("npm ci has not run in " + scripts, e);
        }
    }
}
