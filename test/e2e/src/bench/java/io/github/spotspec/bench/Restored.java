package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/**
 * From the restore of a snapshot to the first answer: the price of one type. The process that has initialized goes on, so
 * what Lambda takes to fetch a snapshot and to page it in is not in it.
 */
final class Restored extends Interleaved {
    static final String FIGURE = "restored, first answer";
    private static final Question QUESTION = Question.price("m7g.large");

    private final String figure;
    private final Setting setting;
    private final PriceAgreement agreement = new PriceAgreement();

    /**
     * Makes the row.
     *
     * @param figure what the table calls it
     */
    Restored(Account account, List<Contestant> contestants, String figure, Setting setting) {
        super(account, contestants);
        this.figure = figure;
        this.setting = setting;
    }

    /** Returns what the table calls an answer with the CPU that Lambda gives for some memory. */
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
