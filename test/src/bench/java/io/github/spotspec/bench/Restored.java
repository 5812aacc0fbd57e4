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

    private final Agreement agreement = new Agreement();

    Restored(Account account, List<Contestant> contestants) {
        super(account, contestants);
    }

    @Override
    void once(Contestant contestant, Table table) {
        try (Sandbox sandbox = account().start(contestant, Setting.deployed(contestant))) {
            table.add(FIGURE, contestant.name(), "ms", time(sandbox, QUESTION, agreement));
        }
    }
}
