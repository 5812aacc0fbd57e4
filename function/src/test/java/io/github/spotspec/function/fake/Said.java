package io.github.spotspec.function.fake;

import java.util.List;

/** What EC2 answers. */
public record Said(int status, String body) {
    /** Answers of an action. */
    public static Said of(String action, String content) {
        return new Said(
                200,
                "<" + action + "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>"
                        + content + "</" + action + "Response>");
    }

    /** A list, as EC2 writes it. */
    static String set(String name, List<String> items) {
        StringBuilder xml = new StringBuilder("<" + name + ">");
        items.forEach(item -> xml.append("<item>").append(item).append("</item>"));
        return xml.append("</").append(name).append(">").toString();
    }

    /** An element, or nothing if it has no text. */
    public static String element(String name, @org.jspecify.annotations.Nullable Object text) {
        return text == null
                ? ""
                : "<" + name + ">" + text.toString().replace("&", "&amp;").replace("<", "&lt;") + "</" + name + ">";
    }

    public static Said prices(String nextToken, String... items) {
        return of(
                "DescribeSpotPriceHistory",
                "<spotPriceHistorySet>" + String.join("", items) + "</spotPriceHistorySet><nextToken>" + nextToken
                        + "</nextToken>");
    }

    /** Returns one price record as EC2 writes it. */
    public static String item(String zone, String type, String product, String price, String timestamp) {
        return "<item><instanceType>" + type + "</instanceType><productDescription>" + product
                + "</productDescription><spotPrice>" + price + "</spotPrice><timestamp>" + timestamp
                + "</timestamp><availabilityZone>" + zone + "</availabilityZone></item>";
    }

    public static Said error(int status, String code, String message) {
        return new Said(
                status,
                "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error></Errors><RequestID>r</RequestID></Response>");
    }

    /** What EC2 says to a rehearsal that would have been carried out. */
    public static Said rehearsed() {
        return error(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    }
}
