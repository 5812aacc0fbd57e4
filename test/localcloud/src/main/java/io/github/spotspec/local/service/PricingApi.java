package io.github.spotspec.local.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.wire.AwsError;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The part of the AWS Price List API for EC2's on-demand prices. */
final class PricingApi extends JsonApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> REGIONS = Set.of("us-east-1", "eu-central-1", "ap-south-1");
    private static final String LICENSE = "licenseModel";
    private static final String INCLUDED = "No License required";
    private static final String OWN = "Bring your own license";
    private static final Map<String, String> FIXED =
            Map.of("tenancy", "Shared", "preInstalledSw", "NA", "capacitystatus", "Used");

    private final SpotMarket market;

    PricingApi(SpotMarket market) {
        this.market = market;
    }

    @Override
    public String service() {
        return "pricing";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("GetProducts", this::getProducts);
    }

    private Map<String, Object> getProducts(ApiCall call, Input input) {
        if (!REGIONS.contains(call.region())) {
            throw new AwsError(400, "NotInLocalCloud", "the Price List API has no endpoint in " + call.region());
        }
        call.authorize("pricing:GetProducts", "*");
        if (!"AmazonEC2".equals(input.required("ServiceCode"))) {
            throw AwsError.unknown("prices of " + input.required("ServiceCode"));
        }
        input.any("FormatVersion");
        Map<String, String> filters = new TreeMap<>();
        for (Object filter : input.any("Filters") instanceof List<?> list ? list : List.of()) {
            Map<?, ?> one = (Map<?, ?>) filter;
            filters.put(String.valueOf(one.get("Field")), String.valueOf(one.get("Value")));
        }
        Catalog.Type type = Catalog.all().get(filters.getOrDefault("instanceType", ""));
        // An attribute without a filter may have any value, as on AWS.
        boolean known = type != null
                && filters.getOrDefault("marketoption", "OnDemand").equals("OnDemand")
                && FIXED.entrySet().stream().allMatch(fixed -> fixed.getValue().equals(filters.get(fixed.getKey())));
        return Map.of(
                "FormatVersion", "aws_v1", "PriceList", known && type != null ? entries(type, filters) : List.of());
    }

    /**
     * Returns the entries of a type. Windows is listed twice, with a license included and with the customer's own
     * license. AWS does not document the order.
     */
    private List<String> entries(Catalog.Type type, Map<String, String> filters) {
        List<String> licences =
                "Windows".equals(filters.get("operatingSystem")) ? List.of(OWN, INCLUDED) : List.of(INCLUDED);
        return licences.stream()
                .filter(license -> filters.getOrDefault(LICENSE, license).equals(license))
                .map(license -> entry(type, license, filters))
                .toList();
    }

    private String entry(Catalog.Type type, String license, Map<String, String> filters) {
        String system = filters.getOrDefault("operatingSystem", "Linux");
        BigDecimal bare = market.onDemand(filters.getOrDefault("regionCode", ""), type);
        BigDecimal price = license.equals(OWN) ? bare : bare.add(SpotMarket.license(product(system), type));
        ObjectNode entry = JSON.createObjectNode();
        entry.putObject("product")
                .putObject("attributes")
                .put("instanceType", type.name())
                .put(LICENSE, license)
                .put("marketoption", "OnDemand")
                .put("operatingSystem", system);
        entry.putObject("terms")
                .putObject("OnDemand")
                .putObject("SKU.JRTCKXETXF")
                .putObject("priceDimensions")
                .putObject("SKU.JRTCKXETXF.6YS6EN2CT7")
                .put("unit", "Hrs")
                .putObject("pricePerUnit")
                .put("USD", price.setScale(10).toPlainString());
        return entry.toString();
    }

    private static String product(String operatingSystem) {
        return switch (operatingSystem) {
            case "RHEL" -> "Red Hat Enterprise Linux";
            case "SUSE" -> "SUSE Linux";
            case "Windows" -> "Windows";
            default -> "Linux/UNIX";
        };
    }
}
