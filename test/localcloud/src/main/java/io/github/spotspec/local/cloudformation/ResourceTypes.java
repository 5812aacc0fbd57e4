package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.account.AccountState;
import io.github.spotspec.local.lambda.FunctionUrl;
import java.util.Map;
import java.util.TreeMap;

/** The table of resource types. */
public final class ResourceTypes implements AutoCloseable {
    private final LambdaTypes lambda;
    private final Map<String, ResourceType> types = new TreeMap<>();

    public ResourceTypes(AccountState state, FunctionUrl.Opener urls) {
        lambda = new LambdaTypes(state.functions(), state.host(), state.account(), state.objects(), urls);
        types.putAll(new IamTypes(state.identities()).all());
        types.putAll(lambda.all());
        types.putAll(new MessagingTypes(state.events(), state.topics(), state.account()).all());
        types.putAll(new MonitoringTypes(state.monitoring(), state.logs(), state.account()).all());
        types.put("AWS::FIS::ExperimentTemplate", new ExperimentTemplateType(state.experiments()));
        types.put("AWS::SSM::Parameter", new ParameterType(state.parameters()));
        types.putAll(new OtherTypes(state.secrets(), state.rotations(), state.logs(), state.account()).all());
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
