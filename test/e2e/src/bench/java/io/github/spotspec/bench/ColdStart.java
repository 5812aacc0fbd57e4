package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/** Measures the time from the start of a process to its first answer, the price of one type. */
final class ColdStart extends Interleaved {
    static final String HTTP = "cold, HTTP";
    static final String TLS = "cold, TLS";
    static final String PREPARED = "cold, TLS, class archives";
    static final String ROLE = "cold, TLS, no secret to read";
    static final BenchmarkRequest QUESTION = BenchmarkRequest.price("m7g.large");

    private final String figure;
    private final Setting setting;
    private final PriceAgreement agreement = new PriceAgreement();

    /**
     * Creates the row.
     *
     * @param figure its name in the table
     */
    ColdStart(BenchmarkAccount account, List<Contestant> contestants, String figure, Setting setting) {
        super(account, contestants);
        this.figure = figure;
        this.setting = setting;
    }

    /** Returns the name of a start with the CPU share of a memory size. */
    static String within(int memoryMiB) {
        return TLS + ", the CPU of %,d MB".formatted(memoryMiB);
    }

    @Override
    void once(Contestant contestant, Table table) {
        byte[] event = QUESTION.event();
        try (Sandbox sandbox = account().start(contestant, setting)) {
            // Excludes the loop around the CLI, which is a process for each request.
            long start = contestant.name().equals(Contestants.CLI) ? System.nanoTime() : sandbox.started();
            byte[] answer = sandbox.answer(event);
            table.add(figure, contestant.name(), "ms", millisSince(start));
            agreement.check(QUESTION, answer);
        }
    }
}
