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

/** What is deployed: the function and its libraries without what the function cannot reach, and their licences. */
final class PackageIT {
    private static final String JAR = "lib/spotspec-function.jar";
    private static final String SDK = "software/amazon/awssdk/";

    private static final long MAX_BYTES = 4_000_000;

    /** Libraries that others would use if they were there. */
    private static final List<String> OPTIONAL =
            List.of(SDK + "crt/", SDK + "crtcore/", "org/bouncycastle/", "com/google/crypto/tink/");

    /** The JDK's methods that find something by its name, where whoever shrinks cannot see it; by class. */
    private static final Map<String, String> LOOKUPS = Map.of(
            "java/lang/Class", "forName|getResource.*|get(Declared)?(Constructor|Field|Method|RecordComponent)s?",
            "java/lang/ClassLoader", "findClass|loadClass|get(System)?Resource.*|resources",
            "java/lang/invoke/MethodHandles$Lookup", "find.*",
            "java/util/ServiceLoader", "load.*",
            "java/util/ResourceBundle", "getBundle",
            "java/util/concurrent/atomic/AtomicIntegerFieldUpdater", "newUpdater",
            "java/util/concurrent/atomic/AtomicLongFieldUpdater", "newUpdater",
            "java/util/concurrent/atomic/AtomicReferenceFieldUpdater", "newUpdater");

    /** What looks something up by its name, and why it misses nothing. */
    private static final Map<String, String> KNOWN_LOOKUPS = Map.ofEntries(
            Map.entry("io/github/spotspec/function/http/Console", "reads what lies beside it"),
            Map.entry("io/github/spotspec/function/http/OpenApi", "reads what lies beside it"),
            Map.entry("io/github/spotspec/function/launch/UserData", "reads what the construct adds to the package"),
            Map.entry("io/github/spotspec/function/priming/StubAws", "reads what lies beside it"),
            Map.entry("org/crac/Core$Compat", "finds the runtime's own classes"),
            Map.entry("org/slf4j/LoggerFactory", "looks whether there are several of what it is linked to"),
            Map.entry("org/slf4j/helpers/SubstituteLogger", "serves other implementations than the one here"),
            Map.entry(
                    SDK + "core/interceptor/ClasspathInterceptorChainFactory", "finds files, of which there are none"),
            Map.entry(SDK + "core/internal/http/loader/SdkServiceLoader", "finds a client for who brings none"),
            Map.entry(
                    SDK + "core/internal/http/loader/SystemPropertyHttpServiceProvider",
                    "finds a client for who brings none"),
            Map.entry(SDK + "core/internal/useragent/UserAgentLangValues", "finds out about Kotlin and Scala"),
            Map.entry(SDK + "core/internal/util/ClassLoaderHelper", "serves those above"),
            Map.entry(SDK + "utils/ClassLoaderHelper", "serves those above"),
            Map.entry(
                    SDK + "auth/credentials/internal/ProfileCredentialsUtils", "serves profiles, which there are none"),
            Map.entry(SDK + "auth/credentials/internal/WebIdentityCredentialsUtils", "serves the default credentials"),
            Map.entry(SDK + "checksums/internal/ConstructorCache", "finds what AWS's native library brings"),
            Map.entry(SDK + "checksums/internal/CrcCloneOnMarkChecksum", "serves what AWS's native library brings"));

    /** The same, in packages of which each service or feature has its own. */
    private static final Map<String, String> KNOWN_PACKAGES = Map.of(
            "com/nimbusds/jose/shaded/gson/",
            "reads and writes fields of classes; JOSE has it read and write maps, lists, texts and numbers",
            "/endpoints/internal/DefaultPartitionDataProvider",
            "finds a table in place of the one that it is compiled with");

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
                            "licences/jackson-core/META-INF/NOTICE",
                            "licences/sdk-core/META-INF/NOTICE.txt",
                            "licences/slf4j-api/LICENSE.txt")),
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
                    // To tell its methods, the JVM links a class: it verifies every instruction.
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

        assertEquals(Set.of(), difference(KNOWN_LOOKUPS.keySet(), unknown), "no longer there");
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
