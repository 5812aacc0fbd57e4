package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/**
 * The packaged function against moto's EC2 and Secrets Manager, which somebody else wrote after AWS. Skipped where there
 * is no {@code moto_server} on the path.
 */
final class MotoIT {
    @Test
    void thePackagedFunctionPricesAgainstMoto() throws Exception {
        assumeTrue(Moto.isInstalled(), "no moto_server on the path");
        try (Moto moto = Moto.start()) {
            String secretArn = moto.createSecret("{\"accessKeyId\":\"AKIAMOTO\",\"secretAccessKey\":\"moto\"}");
            try (PackagedFunction function = PackagedFunction.start(moto.url(), secretArn, "us-east-1")) {
                SpotUrl.Answer answer =
                        function.post("{\"task\":\"price\",\"types\":[\"m5.large\"],\"products\":[\"Linux/UNIX\"]}");

                assertEquals(200, answer.status(), answer.text());
                assertEquals("priced", answer.json().path("event").asText());
                assertTrue(answer.json().path("data").size() > 0, answer.text());
                // moto does not filter by product.
                answer.json()
                        .path("data")
                        .forEach(row -> assertEquals(
                                "m5.large", row.path("InstanceType").asText()));
            }
        }
    }
}
