package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A row in which contestants take turns, so that other load affects all of them equally. */
abstract class Interleaved implements Measurement {
    /** What the name of a time is followed by in the name of the EC2 calls in that time. */
    static final String EC2_CALLS = ", calls of EC2";

    private final BenchmarkAccount account;
    private final List<Contestant> contestants;

    Interleaved(BenchmarkAccount account, List<Contestant> contestants) {
        this.account = account;
        this.contestants = contestants;
    }

    BenchmarkAccount account() {
        return account;
    }

    /** Measures a contestant once. */
    abstract void once(Contestant contestant, Table table);

    /**
     * Discards the first round, because it reads files from disk and warms this process. Each round starts with another
     * contestant. The first round starts with a peer, because a peer requests prices of one instant, so that
     * {@link CachingEndpoint} caches no duplicates.
     */
    @Override
    public void measure(int runs, Table table) {
        for (int run = 0; run <= runs; run++) {
            int count = contestants.size();
            for (int turn = 0; turn < count; turn++) {
                Contestant contestant = contestants.get((run + turn + count - 1) % count);
                try {
                    once(contestant, run == 0 ? new Table() : table);
                } catch (IllegalStateException e) {
                    throw new IllegalStateException(
                            contestant.name() + ": " + e.getMessage() + "\nLast logged:\n"
                                    + String.join("\n", account.lastLogged()),
                            e);
                }
            }
        }
    }

    /** Returns how many milliseconds an answer takes. */
    static double time(Sandbox sandbox, BenchmarkRequest question, PriceAgreement agreement) {
        byte[] event = question.event();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        double millis = millisSince(start);
        agreement.check(question, answer);
        return millis;
    }

    static double millisSince(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
