package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import io.github.spotspec.local.market.Catalogue;
import io.github.spotspec.local.market.SpotMarket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The price of one type, from environments that have answered before. Each question is a new one, so that EC2 has to be
 * asked; the function, which keeps prices for a minute, is also asked the same over and over.
 */
final class Warm extends Interleaved implements AutoCloseable {
    static final String ASKED = "warm, EC2 asked";
    static final String KEPT = "warm, price kept";

    /** How many requests each contestant answers unmeasured, and in each of its turns. */
    private static final int WARM_UP = 200;

    private static final int TURN = 50;

    private static final List<String> TYPES = List.copyOf(Catalogue.all().keySet());
    private static final Question SAME = Question.price("m7g.large");

    private final PriceAgreement agreement = new PriceAgreement();
    private final Map<Contestant, Sandbox> sandboxes = new HashMap<>();
    private final Map<Contestant, Integer> asked = new HashMap<>();
    private final Contestant warmer;

    /**
     * Makes the row.
     *
     * @param scout asks everything first, unmeasured, so that the endpoint has all answers
     */
    Warm(Account account, List<Contestant> contestants, Contestant scout) {
        super(account, contestants);
        this.warmer = scout;
    }

    @Override
    public void measure(int runs, Table table) {
        int questions = WARM_UP + (runs + 1) * TURN;
        try (Sandbox sandbox = account().start(warmer, Setting.deployed(warmer))) {
            for (int i = 0; i < questions; i++) {
                time(sandbox, question(i), agreement);
            }
        }
        super.measure(runs, table);
    }

    @Override
    void once(Contestant contestant, Table table) {
        Sandbox sandbox = sandboxes.computeIfAbsent(contestant, key -> {
            Sandbox started = account().start(key, Setting.deployed(key));
            ask(started, key, WARM_UP, new Table());
            return started;
        });
        ask(sandbox, contestant, TURN, table);
        if (contestant.name().equals(Contestants.OWN)) {
            time(sandbox, SAME, agreement);
            int before = account().endpoint().ec2Calls();
            for (int i = 0; i < TURN; i++) {
                table.add(KEPT, contestant.name(), "ms", time(sandbox, SAME, agreement));
            }
            // The minute may be over in between.
            expect(account().endpoint().ec2Calls() - before, 0, 1);
        }
    }

    private void ask(Sandbox sandbox, Contestant contestant, int times, Table table) {
        int before = account().endpoint().ec2Calls();
        for (int i = 0; i < times; i++) {
            Question question = question(asked.merge(contestant, 1, Integer::sum) - 1);
            table.add(ASKED, contestant.name(), "ms", time(sandbox, question, agreement));
        }
        expect(account().endpoint().ec2Calls() - before, times, times);
    }

    /** Every type with one product, then with the next one. */
    private static Question question(int number) {
        return Question.price(
                TYPES.get(number % TYPES.size()),
                SpotMarket.PRODUCTS.get(number / TYPES.size() % SpotMarket.PRODUCTS.size()));
    }

    private static void expect(int calls, int least, int most) {
        if (calls < least || calls > most) {
            throw new IllegalStateException(calls + " calls of EC2 instead of " + least + " to " + most);
        }
    }

    @Override
    public void close() {
        sandboxes.values().forEach(Sandbox::close);
    }
}
