package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertNames;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import software.constructs.Construct;

/** Loads the library with an {@code aws-cdk-lib} that is too old and lacks the newer interfaces. */
final class OldCdkTest {
    private static final String MODULE = """
        package software.amazon.awscdk;

        public final class $Module {
            public String getModuleVersion() {
                return "2.200.1";
            }
        }
        """;

    /** Loads this library again, with the old CDK on its class path. */
    private static final class OldCdk extends ClassLoader {
        private final ClassLoader old;

        private OldCdk(ClassLoader old) {
            super(OldCdkTest.class.getClassLoader());
            this.old = old;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("software.amazon.awscdk.interfaces.")) {
                throw new ClassNotFoundException(name);
            }
            if (name.equals("software.amazon.awscdk.$Module")) {
                return old.loadClass(name);
            }
            if (!name.startsWith("io.github.spotspec.infra.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void everyEntryPointNamesRequiredVersion(@TempDir Path folder) throws Exception {
        JavaFileObject module =
                new SimpleJavaFileObject(URI.create("string:///$Module.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return MODULE;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        compiler.getTask(null, null, null, List.of("-d", folder.toString()), null, List.of(module))
                .call();
        try (URLClassLoader old = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null)) {
            OldCdk cdk = new OldCdk(old);
            assertVersionRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotServiceProps")
                    .getMethod("builder")
                    .invoke(null));
            assertVersionRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotService")
                    .getConstructor(Construct.class, String.class)
                    .newInstance(null, "Spot"));
            assertVersionRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotService")
                    .getMethod("fromParameterName", Construct.class, String.class, String.class)
                    .invoke(null, null, "Spot", "/spotspec/team"));
            assertVersionRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotService")
                    .getMethod(
                            "fromSpotServiceAttributes",
                            Construct.class,
                            String.class,
                            cdk.loadClass("io.github.spotspec.infra.SpotServiceAttributes"))
                    .invoke(null, null, "Spot", null));
            assertVersionRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotEventForwarder")
                    .getConstructor(Construct.class, String.class, String.class)
                    .newInstance(null, "SpotEventForwarder", "us-west-2"));
        }
    }

    private static void assertVersionRejected(Executable entryPoint) {
        Throwable cause =
                assertThrows(InvocationTargetException.class, entryPoint).getCause();
        assertNames(assertInstanceOf(IllegalStateException.class, cause), CdkVersion.OLDEST, "2.200.1");
    }
}
