package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.lambda.FunctionUrl;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Objects;
import io.github.spotspec.local.state.Secrets;
import java.util.Map;
import java.util.TreeMap;

/** The table of resource types. */
public final class ResourceTypes implements AutoCloseable {
    private final LambdaTypes lambda;
    private final Map<String, ResourceType> types = new TreeMap<>();

    public ResourceTypes(
            Identities identities,
            Secrets secrets,
            Logs logs,
            Objects objects,
            Functions functions,
            LambdaHost host,
            FunctionUrl.Opener urls) {
        lambda = new LambdaTypes(functions, host, identities.account(), objects, urls);
        types.putAll(new IamTypes(identities).all());
        types.putAll(lambda.all());
        types.putAll(new OtherTypes(secrets, logs, identities.account()).all());
    }

    /** Returns the types by name. */
    public Map<String, ResourceType> all() {
        return types;
    }

    /** Closes every URL that was opened. */
    @Override
    public void close() {
        lambda.close();
    }
}
