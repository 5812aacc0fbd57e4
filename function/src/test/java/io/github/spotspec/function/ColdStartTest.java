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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Tests which classes a first request loads: STS and JOSE only with an MFA code or session; the client of a service
 * only when it is called; tables and the contract only on request; and never the SDK's lists of all services and
 * instance types.
 */
final class ColdStartTest {
    private static final String SERVICES = "software.amazon.awssdk.services.";
    private static final List<String> HEAVY = List.of("com.nimbusds.", "software.amazon.awssdk.services.sts.");

    /** The names of the classes that each request has loaded. */
    private static final Map<Class<?>, List<String>> LOADED = new HashMap<>();

    private static final String HTTP = "io.github.spotspec.function.http.";

    /** Requests a price, and launches. */
    static final class PricingAndLaunching implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function = new FunctionUnderTest("us-west-2");
            function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
            assertEquals(
                    200, function.send("{'task':'price','types':['m7g.large']}").status());
            assertEquals(
                    200,
                    function.send(
                                    "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}")
                            .status());
        }
    }

    /** Lists instances, without MFA. */
    static final class ListingInstances implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function =
                    FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
            assertEquals(200, function.send("{'task':'instances'}").status());
            assertEquals(401, function.send("{'task':'end','all':true}").status());
        }
    }

    /** Lists instances as a table. */
    static final class ListingAsTable implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function = new FunctionUnderTest("us-west-2");
            assertEquals(
                    200,
                    function.send("{'task':'instances'}", "accept", "text/plain")
                            .status());
        }
    }

    /** Ends everything, with an MFA code. */
    static final class Ending implements Runnable {
        @Override
        public void run() {
            FunctionUnderTest function =
                    FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
            function.aws()
                    .secret()
                    .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"s\",\"serialNumber\":\""
                            + FakeSts.DEVICE + "\"}");
            assertEquals(
                    200,
                    function.send("{'task':'end','all':true,'mfaCode':'123456'}")
                            .status());
        }
    }

    @Test
    void loadsNoClientsThatPricesAndLaunchesDoNotUse() throws Exception {
        assertEquals(
                Set.of("ec2", "pricing", "secretsmanager"),
                loadedBy(PricingAndLaunching.class).stream()
                        .filter(name -> name.startsWith(SERVICES))
                        .map(name -> name.substring(SERVICES.length()).replaceFirst("\\..*", ""))
                        .collect(Collectors.toSet()));
    }

    @Test
    void loadsNoSdkListsOfServicesOrInstanceTypes() throws Exception {
        assertEquals(
                List.of(),
                loadedBy(PricingAndLaunching.class).stream()
                        .filter(name -> name.startsWith("software.amazon.awssdk.regions.servicemetadata.")
                                || name.equals(SERVICES + "ec2.model.InstanceType"))
                        .toList());
    }

    @Test
    void loadsTableClassesOnlyForTables() throws Exception {
        List<String> tables = List.of(HTTP + "ResponseFormat", HTTP + "TextTable");
        List<String> usual = loadedBy(PricingAndLaunching.class);
        assertTrue(usual.contains(HTTP + "HttpResponse"), usual.toString());
        assertFalse(usual.contains(HTTP + "OpenApi"));
        tables.forEach(table -> assertFalse(usual.contains(table), table));
        assertTrue(loadedBy(ListingAsTable.class).containsAll(tables));
    }

    @Test
    void loadsNeitherStsNorJoseWithoutMfa() throws Exception {
        assertEquals(List.of(), heavyLoadedBy(ListingInstances.class));
    }

    @Test
    void loadsStsAndJoseForMfaCode() throws Exception {
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
        List<String> known = LOADED.get(request);
        if (known != null) {
            return known;
        }
        try (RecordingLoader loader = new RecordingLoader()) {
            var constructor = loader.loadClass(request.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            ((Runnable) constructor.newInstance()).run();
            List<String> loaded = List.copyOf(loader.loaded);
            LOADED.put(request, loaded);
            return loaded;
        }
    }

    /** Loads everything except the JDK again, and records the names. */
    private static final class RecordingLoader extends URLClassLoader {
        private final List<String> loaded = new ArrayList<>();

        RecordingLoader() throws IOException {
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
