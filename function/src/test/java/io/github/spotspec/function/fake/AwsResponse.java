package io.github.spotspec.function.fake;

import java.util.List;

/** A response of AWS. */
public record AwsResponse(int status, String body) {
    /** Returns the response of an EC2 action. */
    public static AwsResponse of(String action, String content) {
        return new AwsResponse(
                200,
                "<" + action + "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>"
                        + content + "</" + action + "Response>");
    }

    /** Returns a list as EC2 writes it. */
    static String list(String name, List<String> items) {
        StringBuilder xml = new StringBuilder("<" + name + ">");
        items.forEach(item -> xml.append("<item>").append(item).append("</item>"));
        return xml.append("</").append(name).append(">").toString();
    }

    /** Returns an element, or an empty string if it has no text. */
    public static String element(String name, @org.jspecify.annotations.Nullable Object text) {
        return text == null
                ? ""
                : "<" + name + ">" + text.toString().replace("&", "&amp;").replace("<", "&lt;") + "</" + name + ">";
    }

    public static AwsResponse prices(String nextToken, String... items) {
        return of(
                "DescribeSpotPriceHistory",
                "<spotPriceHistorySet>" + String.join("", items) + "</spotPriceHistorySet><nextToken>" + nextToken
                        + "</nextToken>");
    }

    /** Returns one price record as EC2 writes it. */
    public static String priceRecord(String zone, String type, String product, String price, String timestamp) {
        return "<item><instanceType>" + type + "</instanceType><productDescription>" + product
                + "</productDescription><spotPrice>" + price + "</spotPrice><timestamp>" + timestamp
                + "</timestamp><availabilityZone>" + zone + "</availabilityZone>"
                + element("availabilityZoneId", FakeCatalog.idOf(zone)) + "</item>";
    }

    public static AwsResponse error(int status, String code, String message) {
        return new AwsResponse(
                status,
                "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error></Errors><RequestID>r</RequestID></Response>");
    }

    /** Returns an error of a JSON service. */
    public static AwsResponse jsonError(int status, String code) {
        return new AwsResponse(status, "{\"__type\":\"" + code + "\",\"Message\":\"the message of " + code + "\"}");
    }

    /** Returns EC2's response to a successful dry run. */
    public static AwsResponse dryRunSucceeded() {
        return error(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    }
}
