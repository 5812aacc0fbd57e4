package io.github.spotspec.bench;

import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.lambda.Sandbox;
import java.util.ArrayList;
import java.util.List;

/** Instances that the function has launched, for tasks that act on existing ones. */
final class ManagedInstances {
    private static final String TYPE = "m7g.large";

    private final BenchmarkAccount account;
    private final Contestant own;

    ManagedInstances(BenchmarkAccount account, Contestant own) {
        this.account = account;
        this.own = own;
    }

    /** Launches instances with a lease of two days, evenly over some regions, and returns their ids. */
    List<String> launch(List<String> regions, int count) {
        List<String> ids = new ArrayList<>();
        Contestant launcher = own.with(account.settings(regions).put("secretArn", BenchmarkAccount.SECRET));
        try (Sandbox sandbox = account.start(launcher, Setting.deployed(launcher, Latency.NONE))) {
            for (int i = 0; i < regions.size(); i++) {
                int share = (count - ids.size()) / (regions.size() - i);
                ids.addAll(launch(sandbox, regions.get(i), share));
            }
        }
        return ids;
    }

    private static List<String> launch(Sandbox sandbox, String region, int count) {
        BenchmarkRequest request = BenchmarkRequest.launch(TYPE, "lowest-price", List.of(region))
                .with("lease", "2d")
                .with("count", Integer.toString(count));
        List<String> ids =
                BenchmarkRequest.rows(sandbox.answer(request.event())).findValuesAsText("InstanceId");
        if (ids.size() != count) {
            throw new IllegalStateException(ids.size() + " of " + count + " instances launched in " + region);
        }
        return ids;
    }

    /** Terminates all instances of the account. */
    void terminateAll() {
        InstanceStore instances = account.cloud().state().instanceStore();
        instances.all().forEach(instances::terminate);
    }
}
