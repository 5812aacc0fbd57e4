package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A row in which all contestants take turns, so that whatever else the machine does hits all of them alike. */
abstract class Interleaved implements Row {
    private final Account account;
    private final List<Contestant> contestants;

    Interleaved(Account account, List<Contestant> contestants) {
        this.account = account;
        this.contestants = contestants;
    }

    Account account() {
        return account;
    }

    /** Measures a contestant once. */
    abstract void once(Contestant contestant, Table table);

    /**
     * The first round of all is not counted: files are read from disk, and this process itself gets warm. In each round
     * another one begins; in that first one a peer, which asks EC2 for the prices at one moment, so that what
     * {@link CachingEndpoint} keeps has none twice.
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

    /** Has an environment answer, and returns how many milliseconds that took. */
    static double time(Sandbox sandbox, Question question, PriceAgreement agreement) {
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
