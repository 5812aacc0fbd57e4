package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the deployment package: the reachable classes of the function and its libraries, and their licenses. */
final class PackageIT {
    private static final String JAR = "lib/spotspec-function.jar";
    private static final String SDK = "software/amazon/awssdk/";

    private static final long MAX_BYTES = 3_600_000;

    /** Libraries that others use only if they are present. */
    private static final List<String> OPTIONAL =
            List.of(SDK + "crt/", SDK + "crtcore/", "org/bouncycastle/", "com/google/crypto/tink/");

    /** Methods of the JDK, by class, that look something up by its name. ProGuard cannot follow them. */
    private static final Map<String, String> LOOKUPS = Map.of(
            "java/lang/Class", "forName|getResource.*|get(Declared)?(Constructor|Field|Method|RecordComponent)s?",
            "java/lang/ClassLoader", "findClass|loadClass|get(System)?Resource.*|resources",
            "java/lang/invoke/MethodHandles$Lookup", "find.*",
            "java/util/ServiceLoader", "load.*",
            "java/util/ResourceBundle", "getBundle",
            "java/util/concurrent/atomic/AtomicIntegerFieldUpdater", "newUpdater",
            "java/util/concurrent/atomic/AtomicLongFieldUpdater", "newUpdater",
            "java/util/concurrent/atomic/AtomicReferenceFieldUpdater", "newUpdater");

    /** Classes that look something up by its name, with the reason why nothing is missing. */
    private static final Map<String, String> KNOWN_LOOKUPS = Map.ofEntries(
            Map.entry("io/github/spotspec/function/http/Console", "reads a resource in its own package"),
            Map.entry("io/github/spotspec/function/http/OpenApi", "reads a resource in its own package"),
            Map.entry(
                    "io/github/spotspec/function/launch/UserData",
                    "reads files that the construct adds to the package"),
            Map.entry("io/github/spotspec/function/priming/StubAws", "reads a resource in its own package"),
            Map.entry("org/crac/Core$Compat", "finds classes of the runtime"),
            Map.entry("org/slf4j/LoggerFactory", "checks for several bindings"),
            Map.entry("org/slf4j/helpers/SubstituteLogger", "serves other implementations"),
            Map.entry(SDK + "core/interceptor/ClasspathInterceptorChainFactory", "finds files that do not exist"),
            Map.entry(
                    SDK + "core/internal/http/loader/SdkServiceLoader",
                    "is unused, because each client has an HTTP client"),
            Map.entry(
                    SDK + "core/internal/http/loader/SystemPropertyHttpServiceProvider",
                    "is unused, because each client has an HTTP client"),
            Map.entry(SDK + "core/internal/useragent/UserAgentLangValues", "detects Kotlin and Scala"),
            Map.entry(SDK + "core/internal/util/ClassLoaderHelper", "serves the classes above"),
            Map.entry(SDK + "utils/ClassLoaderHelper", "serves the classes above"),
            Map.entry(SDK + "auth/credentials/internal/ProfileCredentialsUtils", "serves profiles, which do not exist"),
            Map.entry(
                    SDK + "auth/credentials/internal/WebIdentityCredentialsUtils",
                    "serves the default credentials provider"),
            Map.entry(SDK + "checksums/internal/ConstructorCache", "finds the native library of AWS"),
            Map.entry(SDK + "checksums/internal/CrcCloneOnMarkChecksum", "serves the native library of AWS"));

    /** The same by package, because several libraries contain a copy. */
    private static final Map<String, String> KNOWN_PACKAGES = Map.of(
            "com/nimbusds/jose/shaded/gson/",
            "reads fields of classes, but JOSE uses it only for maps, lists, texts and numbers",
            "/endpoints/internal/DefaultPartitionDataProvider",
            "finds a replacement for its built-in table");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path jar;

    @BeforeAll
    static void unpack() throws IOException {
        jar = folder.resolve("function.jar");
        try (ZipFile zip = new ZipFile(PackagedFunction.PACKAGE.toFile())) {
            Files.copy(zip.getInputStream(zip.getEntry(JAR)), jar);
        }
    }

    @Test
    void isBelowSizeLimit() throws IOException {
        long bytes = Files.size(PackagedFunction.PACKAGE);

        assertTrue(bytes <= MAX_BYTES, bytes + " bytes");
    }

    @Test
    void containsOneJarAndLicenses() throws IOException {
        try (ZipFile zip = new ZipFile(PackagedFunction.PACKAGE.toFile())) {
            List<String> files = zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(Object::toString)
                    .toList();

            assertEquals(
                    List.of(JAR),
                    files.stream().filter(name -> !name.startsWith("licences/")).toList());
            assertTrue(
                    files.containsAll(List.of(
                            "licences/LICENSE",
                            "licences/htm/LICENSE",
                            "licences/jackson-core/META-INF/NOTICE",
                            "licences/pico/LICENSE.md",
                            "licences/preact/LICENSE",
                            "licences/sdk-core/META-INF/NOTICE.txt",
                            "licences/slf4j-api/LICENSE.txt",
                            "licences/uplot/LICENSE")),
                    files.toString());
        }
    }

    @Test
    void jarContainsOnlyClassesAndResources() throws IOException {
        List<String> others = new ArrayList<>(files());
        others.removeAll(classes());
        others.removeIf(name -> name.startsWith("io/github/spotspec/function/http/console/"));

        assertEquals(
                List.of(
                        "io/github/spotspec/function/http/openapi.json",
                        "io/github/spotspec/function/priming/canned.xml"),
                others);
    }

    @Test
    void everyClassLinks() throws IOException {
        Set<String> missing = new TreeSet<>();
        int members = 0;
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            for (String name : classes()) {
                try {
                    // Listing the methods makes the JVM link and verify the class.
                    Class<?> type = loader.loadClass(
                            name.substring(0, name.lastIndexOf('.')).replace('/', '.'));
                    members += type.getDeclaredMethods().length + type.getDeclaredFields().length;
                } catch (ClassNotFoundException | LinkageError e) {
                    missing.add(String.valueOf(e.getMessage()));
                }
            }
        }

        missing.removeIf(name -> OPTIONAL.stream().anyMatch(name::startsWith));
        assertEquals(Set.of(), missing);
        assertTrue(members > classes().size(), members + " members");
    }

    @Test
    void everyReflectiveLookupIsKnown() throws IOException {
        Set<String> unknown = new TreeSet<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String name : classes()) {
                ClassModel type = ClassFile.of()
                        .parse(file.getInputStream(file.getJarEntry(name)).readAllBytes());
                if (usesReflection(type)) {
                    unknown.add(type.thisClass().asInternalName());
                }
            }
        }

        assertEquals(Set.of(), difference(KNOWN_LOOKUPS.keySet(), unknown), "entries that are no longer needed");
        unknown.removeAll(KNOWN_LOOKUPS.keySet());
        unknown.removeIf(name -> KNOWN_PACKAGES.keySet().stream().anyMatch(name::contains));
        assertEquals(Set.of(), unknown);
    }

    private static boolean usesReflection(ClassModel type) {
        for (var entry : type.constantPool()) {
            if (entry instanceof MemberRefEntry member
                    && member.name()
                            .stringValue()
                            .matches(LOOKUPS.getOrDefault(member.owner().asInternalName(), ""))) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> difference(Set<String> all, Set<String> others) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(others);
        return rest;
    }

    private static List<String> files() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(JarEntry::getName)
                    .toList();
        }
    }

    private static List<String> classes() throws IOException {
        return files().stream().filter(name -> name.endsWith(".class")).toList();
    }
}
