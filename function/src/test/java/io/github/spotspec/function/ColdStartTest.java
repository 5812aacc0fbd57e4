package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeSts;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a first request loads: in a deployment with MFA, STS and JOSE only for one that brings a code or a session; the
 * client of a service only where it is asked; tables and the contract only for who wants them; and never what the SDK knows of
 * all the services and instance types there are.
 */
final class ColdStartTest {
    private static final String SERVICES = "software.amazon.awssdk.services.";
    private static final List<String> HEAVY = List.of("com.nimbusds.", "software.amazon.awssdk.services.sts.");

    private static final String HTTP = "io.github.spotspec.function.http.";

    /** Asks for a price, and launches. */
    static final class PricingAndLaunching implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function = new FunctionUnderTest("us-west-2");
            function.ec2().catalogue().price("us-west-2a", "m7g.large", "0.03");
            assertEquals(
                    200, function.ask("{'task':'price','types':['m7g.large']}").status());
            assertEquals(
                    200,
                    function.ask("{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}")
                            .status());
        }
    }

    /** Asks for instances, without MFA. */
    static final class Looking implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function =
                    FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
            assertEquals(200, function.ask("{'task':'instances'}").status());
            assertEquals(401, function.ask("{'task':'end','all':true}").status());
        }
    }

    /** Asks for instances, as a table. */
    static final class Tabulating implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function = new FunctionUnderTest("us-west-2");
            assertEquals(
                    200,
                    function.ask("{'task':'instances'}", "accept", "text/plain").status());
        }
    }

    /** Ends what there is, with a code. */
    static final class Ending implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function =
                    FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
            function.aws()
                    .secret()
                    .holds("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"s\",\"serialNumber\":\""
                            + FakeSts.DEVICE + "\"}");
            assertEquals(
                    200,
                    function.ask("{'task':'end','all':true,'mfaCode':'123456'}").status());
        }
    }

    @Test
    void aPriceAndALaunchLoadTheClientsOfEc2AndOfSecretsAlone() throws Exception {
        assertEquals(
                Set.of("ec2", "secretsmanager"),
                loadedBy(PricingAndLaunching.class).stream()
                        .filter(name -> name.startsWith(SERVICES))
                        .map(name -> name.substring(SERVICES.length()).replaceFirst("\\..*", ""))
                        .collect(Collectors.toSet()));
    }

    @Test
    void aPriceAndALaunchLoadNoTableOfAllServicesAndNoneOfAllInstanceTypes() throws Exception {
        assertEquals(
                List.of(),
                loadedBy(PricingAndLaunching.class).stream()
                        .filter(name -> name.startsWith("software.amazon.awssdk.regions.servicemetadata.")
                                || name.equals(SERVICES + "ec2.model.InstanceType"))
                        .toList());
    }

    @Test
    void onlyWhoAsksForATableHasItsClassesLoaded() throws Exception {
        List<String> tables = List.of(HTTP + "ResponseFormat", HTTP + "TextTable");
        List<String> usual = loadedBy(PricingAndLaunching.class);
        assertTrue(usual.contains(HTTP + "HttpResponse"), usual.toString());
        assertFalse(usual.contains(HTTP + "OpenApi"));
        tables.forEach(table -> assertFalse(usual.contains(table), table));
        assertTrue(loadedBy(Tabulating.class).containsAll(tables));
    }

    @Test
    void aRequestWithoutMfaLoadsNeitherStsNorJose() throws Exception {
        assertEquals(List.of(), heavyLoadedBy(Looking.class));
    }

    @Test
    void aCodeLoadsBoth() throws Exception {
        List<String> loaded = heavyLoadedBy(Ending.class);

        for (String heavy : HEAVY) {
            assertTrue(loaded.stream().anyMatch(name -> name.startsWith(heavy)), heavy);
        }
    }

    private static List<String> heavyLoadedBy(Class<? extends Runnable> request) throws Exception {
        return loadedBy(request).stream()
                .filter(name -> HEAVY.stream().anyMatch(name::startsWith))
                .toList();
    }

    private static List<String> loadedBy(Class<? extends Runnable> request) throws Exception {
        try (Recording loader = new Recording()) {
            var constructor = loader.loadClass(request.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            ((Runnable) constructor.newInstance()).run();
            return List.copyOf(loader.loaded);
        }
    }

    /** Loads all classes again, except the JDK's, and remembers them. */
    private static final class Recording extends URLClassLoader {
        private final List<String> loaded = new ArrayList<>();

        Recording() throws IOException {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected synchronized Class<?> findClass(String name) throws ClassNotFoundException {
            loaded.add(name);
            return super.findClass(name);
        }

        private static URL[] classPath() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }
}
