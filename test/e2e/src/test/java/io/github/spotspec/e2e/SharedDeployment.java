package io.github.spotspec.e2e;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Shares one deployment among the test classes of a process. A test reverts what it changes there. Before each class,
 * the functions' memory is cleared.
 */
final class SharedDeployment implements ParameterResolver, BeforeAllCallback {
    private static final String DEPLOYED = "deployed";

    @Override
    public void beforeAll(ExtensionContext context) {
        LocalDeployment deployed = store(context).get(DEPLOYED, LocalDeployment.class);
        if (deployed != null) {
            deployed.clear();
            deployed.freshFunction();
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
     * Returns the store of the whole process, which closes its contents when the process ends. The root store is not
     * enough, because Failsafe with several processes runs each class as a separate execution with its own root.
     */
    private static Store store(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedDeployment.class));
    }

    private static LocalDeployment deploy() {
        try {
            LocalDeployment deployed = LocalDeployment.nothing();
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
