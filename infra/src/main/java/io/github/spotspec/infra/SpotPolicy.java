package io.github.spotspec.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;

/** What the operator may do: the least that the service's tasks need, in the deployment's regions, over TLS. */
final class SpotPolicy {
    private SpotPolicy() {}

    /** Returns the statements. */
    static List<PolicyStatement> statements(List<String> regions) {
        return List.of(market(regions));
    }

    /** These actions know no resources, so the region is all there is to limit. */
    private static PolicyStatement market(List<String> regions) {
        Map<String, Object> conditions = new LinkedHashMap<>();
        conditions.put("Bool", Map.of("aws:SecureTransport", "true"));
        conditions.put("StringEquals", Map.of("aws:RequestedRegion", regions));
        return PolicyStatement.Builder.create()
                .sid("SpotMarket")
                .effect(Effect.ALLOW)
                .actions(List.of("ec2:DescribeSpotPriceHistory"))
                .resources(List.of("*"))
                .conditions(conditions)
                .build();
    }
}
