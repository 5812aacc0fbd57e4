package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/**
 * Measures the time from the restore of a snapshot to the first answer, the price of one type. The initialized process
 * simply continues, so the time that Lambda needs to load a snapshot is excluded.
 */
final class RestoredStart extends Interleaved {
    static final String FIGURE = "restored, first answer";
    static final String ROLE = FIGURE + ", no secret to read";
    private static final BenchmarkRequest QUESTION = BenchmarkRequest.price("m7g.large");

    private final String figure;
    private final Setting setting;
    private final PriceAgreement agreement = new PriceAgreement();

    /**
     * Creates the row.
     *
     * @param figure its name in the table
     */
    RestoredStart(BenchmarkAccount account, List<Contestant> contestants, String figure, Setting setting) {
        super(account, contestants);
        this.figure = figure;
        this.setting = setting;
    }

    /** Returns the name of an answer with the CPU share of a memory size. */
    static String within(int memoryMiB) {
        return FIGURE + ", the CPU of %,d MB".formatted(memoryMiB);
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, setting)) {
            table.add(figure, contestant.name(), "ms", time(sandbox, QUESTION, agreement));
        }
    }
}
