package io.github.spotspec.local.service;

import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.world.World;
import java.util.List;

/** The table of services. */
public final class Services {
    private Services() {}

    /** Returns every API. */
    public static List<Api> all(World world, Stacks stacks) {
        return List.of(
                new StsApi(world.identities()),
                new IamApi(world.identities()),
                new SsmApi(world.account(), world.parameters(), world.images()),
                new S3Api(world.objects()),
                new SnsApi(world.topics()),
                new PricingApi(world.market()),
                new SecretsManagerApi(world.secrets()),
                new LambdaApi(world.functions(), world.host(), world.account()),
                new CloudFormationApi(stacks, world.objects()),
                ec2(world));
    }

    private static Ec2Api ec2(World world) {
        return new Ec2Api(List.of(
                new Ec2Market(world.market(), world.fleet().capacity(), world.images(), world.network(), world.clock())
                        .actions(),
                new Ec2Launches(
                                world.fleet(),
                                world.images(),
                                world.network(),
                                world.market(),
                                world.identities(),
                                world.clock())
                        .actions(),
                new Ec2Instances(world.fleet(), world.account(), world.clock()).actions()));
    }
}
