package io.github.spotspec.function;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/** Checks random inputs. Each input has its own random generator; {@code -Dfuzz.seed=S} repeats a run. */
final class RandomInputs {
    private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime());

    private RandomInputs() {}

    /** Checks a number of inputs, one after the other. A failure shows the input, and the seed that repeats it. */
    static <T> void check(int count, Function<Random, T> input, Consumer<T> check) {
        System.out.printf("fuzz: seed %d, %d inputs%n", SEED, count);
        for (int number = 0; number < count; number++) {
            T value = input.apply(new Random(SEED * 1_000_003 + number));
            try {
                check.accept(value);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dfuzz.seed=" + SEED + ", input " + number + ": " + value, e);
            }
        }
    }

    /** Returns one of several, each with the same probability. */
    static <T> T oneOf(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    /** Returns a text of any characters, including unpaired surrogates. */
    static String text(int longest, Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(longest + 1); length > 0; length--) {
            text.append(character(random));
        }
        return text.toString();
    }

    /** Returns any character, ASCII in half of the cases. */
    static char character(Random random) {
        return (char) random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_VALUE + 1);
    }
}
