package io.github.spotspec.e2e;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Provides one deployment for all tests of a process. A test reverts its changes. Each test class starts with a new
 * environment of the function.
 */
final class SharedDeployment implements ParameterResolver, BeforeAllCallback {
    private static final String DEPLOYED = "deployed";

    @Override
    public void beforeAll(ExtensionContext context) {
        LocalDeployment deployed = store(context).get(DEPLOYED, LocalDeployment.class);
        if (deployed != null) {
            deployed.clear();
            deployed.endEnvironments();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalDeployment.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context).computeIfAbsent(DEPLOYED, key -> deploy(), LocalDeployment.class);
    }

    /**
     * Returns the store of the process, which closes its contents at the end. The store of the root context would not
     * do, because Failsafe with several processes runs each class as an execution with its own root.
     */
    private static Store store(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedDeployment.class));
    }

    private static LocalDeployment deploy() {
        try {
            LocalDeployment deployed = LocalDeployment.start();
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
