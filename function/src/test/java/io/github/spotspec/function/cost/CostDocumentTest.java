package io.github.spotspec.function.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.spotspec.function.ec2.PoolPrice;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Computes the example in {@code docs/cost.md}. */
final class CostDocumentTest {
    private static final Instant LAUNCHED = Instant.parse("2026-03-01T10:00:00Z");

    @Test
    void exampleIsComputedByTheRules() throws IOException {
        List<PoolPrice> history = rows("| Since |").stream()
                .map(row -> PoolPrice.of(
                        "us-west-2",
                        "us-west-2a",
                        null,
                        "m7g.large",
                        "Linux/UNIX",
                        new BigDecimal(row.get(1)),
                        Instant.parse(row.get(0))))
                .toList();

        List<List<String>> ends = rows("| Ended at |");

        assertFalse(ends.isEmpty());
        for (List<String> row : ends) {
            InstanceCost.Run run = new InstanceCost.Run(
                    LAUNCHED,
                    Instant.parse("2026-03-01T" + row.get(0) + "Z"),
                    row.get(2).startsWith("SUSE"),
                    row.get(1).contains("Server.SpotInstance"));
            InstanceCost cost = InstanceCost.spot(run, history).orElseThrow();
            assertEquals(row.get(3), String.valueOf(cost.billedSeconds()), row.toString());
            assertEquals(row.get(4), Receipt.text(cost.amount()), row.toString());
        }
    }

    /** Returns the cells of the table whose header begins with a text. */
    private static List<List<String>> rows(String header) throws IOException {
        return Files.readAllLines(Path.of("../docs/cost.md")).stream()
                .dropWhile(line -> !line.startsWith(header))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> List.of(line.substring(1).split("[|]", -1)).stream()
                        .map(String::strip)
                        .toList())
                .toList();
    }
}
