package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.lambda.Sandbox;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.service.Endpoint;
import io.github.spotspec.local.service.Faults;
import io.github.spotspec.local.service.Services;
import io.github.spotspec.local.state.Logs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The account of all contestants: an operator with keys in a secret, a role that may read it, and AWS's hosts, near and
 * far, over HTTP and TLS.
 */
final class BenchmarkAccount implements AutoCloseable {
    /** The region of the functions. */
    static final String HOME = "us-west-2";

    /** The home region and fifteen more. */
    static final List<String> REGIONS = regions(16);

    static final String SECRET =
            "arn:aws:secretsmanager:" + HOME + ":" + LocalCloud.ACCOUNT + ":secret:operator-000000";
    static final String ROLE = "arn:aws:iam::" + LocalCloud.ACCOUNT + ":role/function";
    static final String FUNCTION = "arn:aws:lambda:" + HOME + ":" + LocalCloud.ACCOUNT + ":function:bench";
    static final String CALLER = "arn:aws:iam::" + LocalCloud.ACCOUNT + ":user/caller";
    static final String OPERATOR = "operator";

    /** The variable with the settings document of the function. */
    static final String SETTINGS = "SPOTSPEC_SETTINGS";

    static final String LOG_GROUP = "bench";

    /** How a function reaches AWS. */
    private record Distance(boolean tls, Latency latency) {}

    private static final List<String> TASKS = Stream.concat(Stream.of("price", "launch"), TaskRequests.TASKS.stream())
            .toList();
    /**
     * The processors that a function sees with up to 3,008 MB. AWS does not document it; users report it. Without it, a
     * JVM in a control group would see as many as its quota is worth, rounded up.
     */
    private static final int PROCESSORS = 2;

    private static final long SEED = 7;
    private static final int LOG_LINES_SHOWN = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalCloud cloud;
    private final CachingEndpoint endpoint;
    private final Map<Distance, AwsHosts> hosts = new HashMap<>();
    private final Logs logs = new Logs();
    private final Path folder;
    private final Path trusted;
    private final Path certificate;
    private final Map<Boolean, String> flags = new TreeMap<>();
    private int started;

    BenchmarkAccount(Path folder) throws IOException {
        cloud = LocalCloud.start(folder, SEED);
        cloud.state().instanceStore().capacity().reset(true);
        Identities identities = cloud.state().identities();
        identities.createRole(
                "function",
                policy(Map.of("Action", "sts:AssumeRole", "Principal", Map.of("Service", "lambda.amazonaws.com"))));
        identities.putRolePolicy("function", "everything", policy(Map.of("Action", "*", "Resource", "*")));
        identities.createUser(OPERATOR);
        identities.putUserPolicy(OPERATOR, "everything", policy(Map.of("Action", "*", "Resource", "*")));
        Identities.AccessKey key = identities.createAccessKey(OPERATOR);
        cloud.state()
                .secrets()
                .create(
                        SECRET,
                        OPERATOR,
                        JSON.writeValueAsString(Map.of("accessKeyId", key.id(), "secretAccessKey", key.secret())));
        logs.create("arn:aws:logs:" + HOME + ":" + LocalCloud.ACCOUNT + ":log-group:" + LOG_GROUP);

        Faults none = new Faults();
        endpoint = new CachingEndpoint(new Endpoint(
                cloud.state().authorizer(),
                cloud.state().clock(),
                none,
                Services.all(cloud.state(), cloud.stacks(), none)));
        Certificate own = certificate(cloud.tls().store());
        trusted = trusted(own, folder);
        this.folder = folder;
        certificate = folder.resolve("loopback.pem");
        Files.writeString(certificate, pem(own));
    }

    /** Returns some regions, the home region first. */
    static List<String> regions(int count) {
        return Stream.concat(Stream.of(HOME), Geography.regions().stream())
                .distinct()
                .limit(count)
                .toList();
    }

    private AwsHosts hosts(boolean tls, Latency latency) {
        return hosts.computeIfAbsent(
                new Distance(tls, latency),
                key -> new AwsHosts(
                        tls ? cloud.tls().context() : null,
                        endpoint,
                        latency,
                        url -> new LambdaHost(cloud.state().identities(), logs, folder, url, trusted)));
    }

    private static PolicyDocument policy(Map<String, Object> allowed) {
        Map<String, Object> statement = new TreeMap<>(allowed);
        statement.put("Effect", "Allow");
        return PolicyDocument.parse(Map.of("Version", "2012-10-17", "Statement", List.of(statement)));
    }

    /**
     * Writes the trust store of the JVMs. It also contains the usual authorities, because reading them is part of each
     * start on Lambda. As on Lambda, it has no password.
     */
    private static Path trusted(Certificate endpoint, Path folder) throws IOException {
        Path cacerts = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        Path file = folder.resolve("cacerts.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore usual = KeyStore.getInstance(cacerts.toFile(), (char[]) null);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (String alias : Collections.list(usual.aliases())) {
                trusted.setCertificateEntry(alias, usual.getCertificate(alias));
            }
            trusted.setCertificateEntry("endpoint", endpoint);
            trusted.store(out, null);
            return file;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot open " + cacerts, e);
        }
    }

    /** Returns the TLS certificate of the endpoint. */
    private static Certificate certificate(Path store) throws IOException {
        try {
            KeyStore alone = KeyStore.getInstance(store.toFile(), (char[]) null);
            return alone.getCertificate(alone.aliases().nextElement());
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot open " + store, e);
        }
    }

    /** Returns a certificate in PEM format, for programs other than Java. */
    private static String pem(Certificate certificate) throws IOException {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IOException("not a certificate", e);
        }
    }

    LocalCloud cloud() {
        return cloud;
    }

    CachingEndpoint endpoint() {
        return endpoint;
    }

    /** Returns the URL of EC2. */
    String ec2Url(boolean tls, Latency latency) {
        return hosts(tls, latency).ec2Url();
    }

    /** Starts an environment for a contestant, and waits until it is ready. */
    Sandbox start(Contestant contestant, Setting setting) {
        return Sandbox.start(
                hosts(setting.tls(), setting.latency()).lambda(),
                contestant.version(setting, environment(setting), ++started),
                java -> setting.cpu()
                        .command(contestant.isJava() ? java(java, contestant, setting) : contestant.runtime()));
    }

    /** Returns the command of a JVM that sizes itself for the memory of the function, as on Lambda. */
    private List<String> java(List<String> java, Contestant contestant, Setting setting) {
        List<String> command = new ArrayList<>(java);
        if (contestant.environment().getOrDefault("JAVA_TOOL_OPTIONS", "").contains("-XX:AOT")) {
            // The options exclude each other. On Lambda, a wrapper script must remove this one.
            command.remove("-Xshare:auto");
        }
        command.add(1, "-XX:MaxRAM=" + setting.memoryMiB() + "m");
        command.add(1, "-XX:ActiveProcessorCount=" + PROCESSORS);
        flags.putIfAbsent(
                setting.snapStart(),
                command.stream().filter(argument -> argument.startsWith("-X")).collect(Collectors.joining(" ")));
        return command;
    }

    /** Returns the settings of the function in the format of the construct, without secrets. */
    ObjectNode settings(List<String> regions) {
        ObjectNode settings =
                serviceSettings(regions).put("maxInstances", 10_000).put("defaultLease", 28_800);
        TASKS.forEach(settings.putArray("tasks")::add);
        return settings;
    }

    /** Returns the settings that the function and the keeper have in common. */
    static ObjectNode serviceSettings(List<String> regions) {
        ObjectNode settings = JSON.createObjectNode()
                .put("service", "Bench/Spot@" + HOME)
                .put("maxLease", 604_800)
                .put("fleets", true);
        regions.forEach(settings.putArray("regions")::add);
        return settings;
    }

    /** Returns the environment: the settings, and variables for the peers. */
    private Map<String, String> environment(Setting setting) {
        ObjectNode settings = settings(REGIONS);
        Map<String, String> environment =
                new TreeMap<>(hosts(setting.tls(), setting.latency()).environment());
        if (setting.secret()) {
            settings.put("secretArn", SECRET);
            environment.put("SECRET_ARN", SECRET);
        }
        environment.put(SETTINGS, settings.toString());
        // The trusted certificate, for programs other than Java.
        environment.put("NODE_EXTRA_CA_CERTS", certificate.toString());
        environment.put("AWS_CA_BUNDLE", certificate.toString());
        return environment;
    }

    /** Returns the flags of the started JVMs, with and without SnapStart. */
    Map<Boolean, String> flags() {
        return flags;
    }

    /** Returns the last log lines of the contestants. */
    List<String> lastLogged() {
        List<String> lines = logs.lines();
        return lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
    }

    /** Returns whether a contestant has logged a text. */
    boolean hasLogged(String text) {
        return logs.lines().stream().anyMatch(line -> line.contains(text));
    }

    @Override
    public void close() {
        hosts.values().forEach(AwsHosts::close);
        cloud.close();
    }
}
