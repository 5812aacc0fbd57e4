package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.ec2.SpotPrices;
import java.util.List;

/** Selects capacity pools of the selected types by product and zone. An empty list selects all. */
record PoolFilter(List<String> products, List<String> zones) {
    static final Field<List<String>> PRODUCTS = Field.textListOrAll(
                    "products",
                    SpotPrices.PRODUCTS.size(),
                    "of EC2's products: " + String.join(", ", SpotPrices.PRODUCTS),
                    SpotPrices.PRODUCTS::contains)
            .or("product", "ProductDescriptions", "productDescriptions", "ProductDescription", "productDescription");
    static final Field<List<String>> ZONES = Field.textList(
                    "zones", 100, "names or ids of zones, " + Zones.EXAMPLES, Zones::isZone)
            .or("zone", "AvailabilityZone", "availabilityZone", "AvailabilityZoneId", "availabilityZoneId");

    private static final List<String> DEFAULT_PRODUCTS = List.of("Linux/UNIX");

    static final List<Field<?>> FIELDS = List.of(PRODUCTS, ZONES);

    /** Returns a field for a single zone. */
    static Field<String> zoneField() {
        return Field.text("zone", "the name or id of a zone, " + Zones.EXAMPLES, Zones::isZone);
    }

    /** Reads the products and zones. The default product is Linux; the ancestor's envelope selects all products. */
    static PoolFilter of(Fields fields, List<String> regions) {
        List<String> products = fields.get(PRODUCTS, fields.isEnvelope() ? Field.ALL : DEFAULT_PRODUCTS);
        return new PoolFilter(products.equals(Field.ALL) ? List.of() : products, zones(fields, regions));
    }

    /** Returns the regions that have any of the pools. A zone's name or id determines its region. */
    List<String> regions(List<String> asked) {
        return zones.isEmpty()
                ? asked
                : asked.stream().filter(region -> !zones(region).isEmpty()).toList();
    }

    /** Returns the names and ids of the selected zones in a region; an empty list means all zones. */
    List<String> zones(String region) {
        return zones.stream().filter(zone -> Zones.isIn(region, zone)).toList();
    }

    /** Reads the zones, each of which must be in one of the regions. */
    static List<String> zones(Fields fields, List<String> regions) {
        List<String> zones = fields.get(ZONES, List.of());
        for (String zone : zones) {
            if (regions.stream().noneMatch(region -> Zones.isIn(region, zone))) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "Zone " + zone + " is not in the requested regions: " + String.join(", ", regions) + ".");
            }
        }
        return zones;
    }
}
