package io.github.spotspec.local.service;

import io.github.spotspec.local.cloudformation.Stacks;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.state.Objects;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.state.Secrets;
import java.time.InstantSource;
import java.util.List;

/** The table of services. */
public final class Services {
    private Services() {}

    /** Returns every API. */
    public static List<Api> all(
            Identities identities,
            Secrets secrets,
            Objects objects,
            Parameters parameters,
            Functions functions,
            LambdaHost host,
            Stacks stacks,
            SpotMarket market,
            InstantSource clock) {
        return List.of(
                new StsApi(identities),
                new IamApi(identities),
                new SsmApi(identities.account(), parameters),
                new S3Api(objects),
                new SecretsManagerApi(secrets),
                new LambdaApi(functions, host, identities.account()),
                new CloudFormationApi(stacks, objects),
                new Ec2Api(market, clock));
    }
}
