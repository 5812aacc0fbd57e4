package io.github.spotspec.e2e;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one deployment between them; what a test changes there, it changes back. */
final class SharedDeployment implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Deployed.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The root store closes what is in it when the last test has run.
        return context.getRoot()
                .getStore(Namespace.create(SharedDeployment.class))
                .getOrComputeIfAbsent("deployed", key -> deploy(), Deployed.class);
    }

    private static Deployed deploy() {
        try {
            Deployed deployed = Deployed.nothing();
            deployed.deploy();
            return deployed;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
