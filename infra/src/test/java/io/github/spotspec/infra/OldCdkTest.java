package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** An app whose CDK is too old: it says its version, and lacks the interfaces that newer ones have. */
final class OldCdkTest {
    private static final String MODULE = """
        package software.amazon.awscdk;

        public final class $Module {
            public String getModuleVersion() {
                return "2.200.1";
            }
        }
        """;

    /** Loads this library anew, as it is beside such a CDK. */
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
    void everyWayInSaysWhichVersionIsNeeded(@TempDir Path folder) throws Exception {
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
            assertRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotServiceProps")
                    .getMethod("builder")
                    .invoke(null));
            assertRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotService")
                    .getConstructor(Construct.class, String.class)
                    .newInstance(null, "Spot"));
            assertRejected(() -> cdk.loadClass("io.github.spotspec.infra.SpotEventForwarder")
                    .getConstructor(Construct.class, String.class, String.class)
                    .newInstance(null, "SpotEventForwarder", "us-west-2"));
        }
    }

    private static void assertRejected(Executable wayIn) {
        assertEquals(
                "spotspec needs aws-cdk-lib " + CdkVersion.OLDEST
                        + " or newer, got 2.200.1; raise the version of software.amazon.awscdk:aws-cdk-lib in your"
                        + " build",
                Objects.requireNonNull(assertThrows(InvocationTargetException.class, wayIn)
                                .getCause())
                        .getMessage());
    }
}
