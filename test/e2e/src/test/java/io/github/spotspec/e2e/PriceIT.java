package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.market.SpotMarket;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the prices of Spot Instances. */
@ExtendWith(SharedDeployment.class)
final class PriceIT {
    private static final SpotMarket MARKET = new SpotMarket(LocalDeployment.SEED);

    private final LocalDeployment service;

    PriceIT(LocalDeployment service) {
        this.service = service;
    }

    @Test
    void listsEveryPoolOnce() throws Exception {
        SpotUrl.Answer answer = service.url()
                .post(
                        "{\"task\":\"price\",\"region\":\"us-west-2\",\"types\":[\"m7g.large\",\"c6i.xlarge\"],\"products\":\"all\"}",
                        service.caller());

        assertEquals(200, answer.status(), answer.text());
        assertEquals("priced", answer.json().path("event").asText());
        assertEquals(
                expected(
                        "us-west-2",
                        pool -> List.of("m7g.large", "c6i.xlarge")
                                .contains(pool.type().name())),
                pools(answer));
    }

    @Test
    void acceptsEnvelope() throws Exception {
        String envelope = """
                {"construct":{"keys":{"region":"us-east-1"},"upgrade":{"tokenCode":"123456"}},\
                "attributes":{"type":"m3.large","dryRun":"false","isLogging":"true","ami":"ami-d5ea86b5",\
                "keyName":"yourKeyName","securityGroups":[],"fileUserData":"node_modules/spotspec/test/userDataDockerAWSLinux.txt",\
                "price":"0.0083","task":"price"}}""";

        SpotUrl.Answer answer = service.url().post(envelope, service.caller());

        assertEquals(200, answer.status(), answer.text());
        assertEquals("priced", answer.json().path("event").asText());
        assertEquals(expected("us-east-1", pool -> pool.type().name().equals("m3.large")), pools(answer));
    }

    @Test
    void readsEveryPageOfRegion() throws Exception {
        SpotUrl.Answer answer = service.url()
                .post("{\"task\":\"price\",\"region\":\"eu-west-1\",\"products\":[\"Linux/UNIX\"]}", service.caller());

        assertEquals(200, answer.status());
        Set<String> expected = expected("eu-west-1", pool -> pool.product().equals("Linux/UNIX"));
        assertTrue(expected.size() > 2_000, "the market must fill more than two pages, has " + expected.size());
        assertEquals(expected, pools(answer));
    }

    @Test
    void namesEveryRegion() throws Exception {
        SpotUrl.Answer answer = service.url()
                .post("{\"task\":\"price\",\"regions\":\"all\",\"types\":[\"r7g.2xlarge\"]}", service.caller());

        assertEquals(200, answer.status());
        Set<String> expected = new HashSet<>();
        LocalDeployment.REGIONS.forEach(region -> expected.addAll(expected(
                region,
                pool -> pool.type().name().equals("r7g.2xlarge")
                        && pool.product().equals("Linux/UNIX"))));
        assertEquals(expected, pools(answer));
        List<String> named = new ArrayList<>();
        answer.json().path("meta").path("regions").forEach(region -> named.add(region.asText()));
        assertEquals(LocalDeployment.REGIONS, named);
    }

    @Test
    void filtersByZoneAndProduct() throws Exception {
        SpotUrl.Answer answer = service.url()
                .post(
                        "{\"task\":\"price\",\"types\":[\"c5.large\"],\"zones\":[\"us-west-2a\",\"us-west-2b\"],\"products\":[\"Windows\"]}",
                        service.caller());

        assertEquals(200, answer.status());
        assertEquals(
                expected(
                        "us-west-2",
                        pool -> pool.type().name().equals("c5.large")
                                && pool.product().equals("Windows")
                                && List.of("us-west-2a", "us-west-2b").contains(pool.zone())),
                pools(answer));
    }

    @Test
    void showsPriceAndTimestampOfMarket() throws Exception {
        SpotUrl.Answer answer = service.url()
                .post(
                        "{\"task\":\"price\",\"types\":[\"m5.large\"],\"zones\":[\"us-west-2a\"],\"products\":[\"Linux/UNIX\"]}",
                        service.caller());

        Instant at = Instant.parse(answer.json().path("meta").path("at").asText());
        SpotMarket.Pool pool = MARKET.pools("us-west-2").stream()
                .filter(one -> one.type().name().equals("m5.large")
                        && one.zone().equals("us-west-2a")
                        && one.product().equals("Linux/UNIX"))
                .findFirst()
                .orElseThrow();
        SpotMarket.Price price = MARKET.at(pool, at);
        JsonNode row = answer.json().path("data").path(0);
        assertEquals(price.price(), new BigDecimal(row.path("SpotPrice").asText()));
        assertEquals(price.since(), Instant.parse(row.path("Timestamp").asText()));
    }

    @Test
    void namesTypesWithoutPrice() throws Exception {
        SpotUrl.Answer answer =
                service.url().post("{\"task\":\"price\",\"types\":[\"m7g.large\",\"m7g.lagre\"]}", service.caller());

        assertEquals(200, answer.status());
        assertFalse(answer.json().path("data").isEmpty());
        assertEquals(
                "m7g.lagre",
                answer.json()
                        .path("meta")
                        .path("withoutPrice")
                        .path(0)
                        .path("types")
                        .path(0)
                        .asText());
        assertEquals(
                "m7g.lagre",
                answer.json().path("meta").path("unknownTypes").path(0).asText());
    }

    @Test
    void acceptsDryRun() throws Exception {
        SpotUrl.Answer answer = service.url().post("{\"task\":\"price\",\"dryRun\":true}", service.caller());

        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.json().path("meta").path("dryRun").asBoolean());
        assertTrue(answer.json().path("data").isEmpty());
    }

    private static Set<String> expected(String region, Predicate<SpotMarket.Pool> wanted) {
        Set<String> names = new HashSet<>();
        MARKET.pools(region).stream()
                .filter(wanted)
                .forEach(pool -> names.add(pool.zone() + " " + pool.type().name() + " " + pool.product()));
        assertFalse(names.isEmpty(), "the market must have matching pools");
        return names;
    }

    private static Set<String> pools(SpotUrl.Answer answer) {
        Set<String> names = new HashSet<>();
        for (JsonNode row : answer.json().path("data")) {
            String name = row.path("AvailabilityZone").asText() + " "
                    + row.path("InstanceType").asText() + " "
                    + row.path("ProductDescription").asText();
            assertTrue(names.add(name), "duplicate: " + name);
        }
        return names;
    }
}
