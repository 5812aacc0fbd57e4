package io.github.spotspec.function.api;

/**
 * Checks the names and ids of EC2's zones: Availability Zones ({@code us-west-2a}, {@code usw2-az1}), Local Zones
 * ({@code us-west-2-lax-1a}, {@code usw2-lax1-az1}) and Wavelength Zones ({@code us-west-2-wl1-las-wlz-1},
 * {@code usw2-wl1-las-wlz1}). A zone id is the same in every account. The name of an Availability Zone may differ
 * between accounts.
 */
public final class Zones {
    /** Completes the sentence "must be …" for several zones. */
    public static final String EXAMPLES = "such as us-west-2a, us-west-2-lax-1a or usw2-az1";

    private static final int MAX_LENGTH = 60;

    private Zones() {}

    /** Returns whether a text has the syntax of a zone name or zone id. */
    public static boolean isZone(String text) {
        return text.length() <= MAX_LENGTH && (isId(text) || isName(text));
    }

    /** Returns whether a text is a zone id, which has letters and a number before its first hyphen. */
    public static boolean isId(String zone) {
        int hyphen = zone.indexOf('-');
        int number = number(zone);
        return number > 0
                && number < hyphen
                && afterNumber(zone, number) == hyphen
                && Syntax.isWord(zone, 0, zone.length())
                && Syntax.isDigit(zone.charAt(zone.length() - 1));
    }

    /**
     * Returns whether a text is a zone name: the name of a region, followed by one letter, or by a hyphen and more
     * characters.
     */
    private static boolean isName(String text) {
        int number = number(text);
        int rest = afterNumber(text, number);
        if (!Syntax.isWord(text, 0, text.length()) || rest == text.length()) {
            return false;
        }
        return Syntax.isRegion(text.substring(0, rest)) && (text.charAt(rest) == '-' || rest == text.length() - 1);
    }

    /** Returns whether a zone, identified by name or id, is in a region. */
    public static boolean isIn(String region, String zone) {
        return isId(zone)
                ? zone.startsWith(code(region) + "-")
                // The next character is the letter of an Availability Zone, or the hyphen before the rest of another
                // zone's name.
                : zone.startsWith(region)
                        && zone.length() > region.length()
                        && !Syntax.isDigit(zone.charAt(region.length()));
    }

    /** Returns whether the name is that of an Availability Zone, and not of a Local Zone or Wavelength Zone. */
    public static boolean isAvailabilityZone(String region, String name) {
        return name.length() == region.length() + 1;
    }

    private static int number(String text) {
        int i = 0;
        while (i < text.length() && !Syntax.isDigit(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static int afterNumber(String text, int number) {
        int i = number;
        while (i < text.length() && Syntax.isDigit(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Returns the prefix of a region's zone ids, such as {@code apne1} for {@code ap-northeast-1}. */
    private static String code(String region) {
        String[] parts = region.split("-", -1);
        StringBuilder code = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            code.append(
                    switch (parts[i]) {
                        case "northeast" -> "ne";
                        case "northwest" -> "nw";
                        case "southeast" -> "se";
                        case "southwest" -> "sw";
                        default -> parts[i].substring(0, 1);
                    });
        }
        return code.toString();
    }
}
