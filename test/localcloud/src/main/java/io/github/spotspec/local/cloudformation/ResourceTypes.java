package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.lambda.FunctionUrl;
import io.github.spotspec.local.world.AccountState;
import java.util.Map;
import java.util.TreeMap;

/** The table of resource types. */
public final class ResourceTypes implements AutoCloseable {
    private final LambdaTypes lambda;
    private final Map<String, ResourceType> types = new TreeMap<>();

    public ResourceTypes(AccountState world, FunctionUrl.Opener urls) {
        lambda = new LambdaTypes(world.functions(), world.host(), world.account(), world.objects(), urls);
        types.putAll(new IamTypes(world.identities()).all());
        types.putAll(lambda.all());
        types.putAll(new MessagingTypes(world.events(), world.topics(), world.account()).all());
        types.putAll(new MonitoringTypes(world.monitoring(), world.logs(), world.account()).all());
        types.putAll(new OtherTypes(world.secrets(), world.rotations(), world.logs(), world.account()).all());
    }

    /** Returns the types by name. */
    public Map<String, ResourceType> all() {
        return types;
    }

    /** Closes every function URL that was opened. */
    @Override
    public void close() {
        lambda.close();
    }
}
