package io.github.spotspec.local.service;

import io.github.spotspec.local.account.AccountState;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.iam.Identities;
import java.time.InstantSource;
import java.util.List;

/** The table of services. */
public final class Services {
    private Services() {}

    /** Returns every API. */
    public static List<Api> all(AccountState state, Stacks stacks, Faults faults) {
        return List.of(
                new StsApi(state.identities()),
                new IamApi(state.identities()),
                new SsmApi(state.account(), state.parameters()),
                new S3Api(state.objects()),
                new TaggingApi(state, stacks),
                new SnsApi(state.topics()),
                new CloudWatchApi(state.instanceStore(), state.clock()),
                new PricingApi(state.market()),
                new InstanceConnectApi(state.instanceStore(), state.account(), state.clock()),
                new SecretsManagerApi(state.secrets(), state.rotations()),
                new LambdaApi(state.functions(), state.host(), state.account()),
                new FisApi(state.experiments(), state.account()),
                new CloudFormationApi(stacks, state.objects()),
                ec2(state.ec2(), faults, state.identities(), state.clock()));
    }

    /** Returns the API of EC2. */
    static Ec2Api ec2(Ec2State state, Faults faults, Identities identities, InstantSource clock) {
        InstanceStore instances = state.instances();
        Ec2Launches launches = new Ec2Launches(state, identities, clock);
        String account = identities.account();
        return new Ec2Api(
                List.of(
                        new Ec2Market(state.market(), instances.capacity(), state.images(), state.network(), clock)
                                .actions(),
                        launches.actions(),
                        new Ec2Fleets(state, launches, faults, account, clock).actions(),
                        new Ec2ExistingFleets(state.fleets(), instances, account).actions(),
                        new Ec2LaunchTemplates(state.launchTemplates(), account).actions(),
                        new Ec2Instances(instances, account, clock).actions()),
                new RequestRates(clock),
                faults);
    }
}
