package io.github.spotspec.local.service;

import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.world.AccountState;
import java.time.InstantSource;
import java.util.List;

/** The table of services. */
public final class Services {
    private Services() {}

    /** Returns every API. */
    public static List<Api> all(AccountState world, Stacks stacks) {
        return List.of(
                new StsApi(world.identities()),
                new IamApi(world.identities()),
                new SsmApi(world.account(), world.parameters()),
                new S3Api(world.objects()),
                new SnsApi(world.topics()),
                new PricingApi(world.market()),
                new SecretsManagerApi(world.secrets(), world.rotations()),
                new LambdaApi(world.functions(), world.host(), world.account()),
                new CloudFormationApi(stacks, world.objects()),
                ec2(
                        world.market(),
                        world.instanceStore(),
                        world.images(),
                        world.network(),
                        world.identities(),
                        world.clock()));
    }

    /** Returns the API of EC2. */
    static Ec2Api ec2(
            SpotMarket market,
            InstanceStore fleet,
            Images images,
            Network network,
            Identities identities,
            InstantSource clock) {
        return new Ec2Api(List.of(
                new Ec2Market(market, fleet.capacity(), images, network, clock).actions(),
                new Ec2Launches(fleet, images, network, market, identities, clock).actions(),
                new Ec2Instances(fleet, identities.account(), clock).actions()));
    }
}
