package io.github.spotspec.local.service;

import io.github.spotspec.local.account.AccountState;
import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.market.SpotMarket;
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
                new SnsApi(state.topics()),
                new PricingApi(state.market()),
                new InstanceConnectApi(state.instanceStore(), state.account(), state.clock()),
                new SecretsManagerApi(state.secrets(), state.rotations()),
                new LambdaApi(state.functions(), state.host(), state.account()),
                new CloudFormationApi(stacks, state.objects()),
                ec2(
                        state.market(),
                        state.instanceStore(),
                        state.images(),
                        state.network(),
                        state.identities(),
                        state.clock(),
                        faults));
    }

    /** Returns the API of EC2. */
    static Ec2Api ec2(
            SpotMarket market,
            InstanceStore fleet,
            Images images,
            Network network,
            Identities identities,
            InstantSource clock,
            Faults faults) {
        return new Ec2Api(
                List.of(
                        new Ec2Market(market, fleet.capacity(), images, network, clock).actions(),
                        new Ec2Launches(fleet, images, network, market, identities, clock).actions(),
                        new Ec2Instances(fleet, identities.account(), clock).actions()),
                new RequestRates(clock),
                faults);
    }
}
