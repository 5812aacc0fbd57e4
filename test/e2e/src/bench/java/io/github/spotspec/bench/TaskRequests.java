package io.github.spotspec.bench;

import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.lambda.Sandbox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures tasks that act on existing instances: time and EC2 calls of the first and the second request for a task in
 * an environment. The lists show three dozen instances in three regions with their costs, the others act on one
 * instance.
 */
final class TaskRequests extends Interleaved {
    static final List<String> TASKS = List.of("instances", "cost", "extend", "connect", "end");

    private static final List<String> LISTED = BenchmarkAccount.REGIONS.subList(0, 3);
    private static final int LISTED_INSTANCES = 36;
    private static final Duration AGE = Duration.ofHours(20);
    private static final int EXTENDED_MINUTES = 6 * 24 * 60;

    private final Latency latency;
    private final ManagedInstances instances;
    private List<String> listed = List.of();
    private int extensions;

    TaskRequests(BenchmarkAccount account, List<Contestant> contestants, Latency latency) {
        super(account, contestants);
        this.latency = latency;
        this.instances = new ManagedInstances(account, contestants.getFirst());
    }

    /** Returns the names of all times. */
    static List<String> figures() {
        return TASKS.stream()
                .flatMap(task -> Stream.of(first(task), figure(task)))
                .toList();
    }

    private static String figure(String task) {
        return "task " + task;
    }

    private static String first(String task) {
        return figure(task) + ", first in its environment";
    }

    @Override
    public void measure(int runs, Table table) {
        listed = instances.launch(LISTED, LISTED_INSTANCES);
        InstanceStore store = account().cloud().state().instanceStore();
        store.all().forEach(instance -> store.backdate(instance, AGE));
        try {
            super.measure(runs, table);
        } finally {
            instances.terminateAll();
        }
    }

    @Override
    void once(Contestant contestant, Table table) {
        // In another region than the lists, which would show them after their end.
        List<String> toEnd = instances.launch(List.of(BenchmarkAccount.REGIONS.getLast()), 2);
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant, latency))) {
            requests(toEnd.getFirst())
                    .forEach((task, request) -> ask(sandbox, first(task), request, contestant, table));
            requests(toEnd.getLast())
                    .forEach((task, request) -> ask(sandbox, figure(task), request, contestant, table));
        }
    }

    private Map<String, BenchmarkRequest> requests(String toEnd) {
        Map<String, BenchmarkRequest> requests = new LinkedHashMap<>();
        requests.put("instances", BenchmarkRequest.task("instances", "regions", LISTED));
        requests.put("cost", BenchmarkRequest.task("cost", "regions", LISTED));
        requests.put(
                "extend",
                BenchmarkRequest.task("extend", "instanceIds", List.of(listed.getFirst()))
                        .with("lease", EXTENDED_MINUTES + ++extensions + "m"));
        requests.put(
                "connect",
                BenchmarkRequest.task("connect", "regions", LISTED)
                        .with("instanceId", listed.getFirst())
                        .with("publicKey", publicKey()));
        requests.put("end", BenchmarkRequest.task("end", "instanceIds", List.of(toEnd)));
        return requests;
    }

    private void ask(Sandbox sandbox, String figure, BenchmarkRequest request, Contestant contestant, Table table) {
        byte[] event = request.event();
        int before = account().endpoint().ec2Calls();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        table.add(figure, contestant.name(), "ms", millisSince(start));
        table.add(
                figure + EC2_CALLS, contestant.name(), "", account().endpoint().ec2Calls() - before);
        if (BenchmarkRequest.rows(answer).isEmpty()) {
            throw new IllegalStateException(figure + ": no rows");
        }
    }

    /** Returns a public key of the right form, which nobody can use. */
    private static String publicKey() {
        byte[] type = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
        byte[] key = new byte[32];
        ByteBuffer all = ByteBuffer.allocate(2 * Integer.BYTES + type.length + key.length);
        all.putInt(type.length).put(type).putInt(key.length).put(key);
        return "ssh-ed25519 " + Base64.getEncoder().encodeToString(all.array());
    }
}
