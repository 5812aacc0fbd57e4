package io.github.spotspec.function.api;

/**
 * The names and the ids of EC2's zones: Availability Zones ({@code us-west-2a}, {@code usw2-az1}), Local Zones
 * ({@code us-west-2-lax-1a}, {@code usw2-lax1-az1}) and Wavelength Zones ({@code us-west-2-wl1-las-wlz-1},
 * {@code usw2-wl1-las-wlz1}). A zone's id is the same in every account; the name of an Availability Zone may not be.
 */
public final class Zones {
    /** Completes the sentence "must be …" for several zones. */
    public static final String EXAMPLES = "such as us-west-2a, us-west-2-lax-1a or usw2-az1";

    private static final int MAX_LENGTH = 60;

    private Zones() {}

    /** Returns whether a text is of the form of a zone's name or id. */
    public static boolean isZone(String text) {
        return text.length() <= MAX_LENGTH && (isId(text) || isName(text));
    }

    /** Returns whether a zone is given by its id, which has letters and a number before its first hyphen. */
    public static boolean isId(String zone) {
        int hyphen = zone.indexOf('-');
        int number = number(zone);
        return number > 0
                && number < hyphen
                && afterNumber(zone, number) == hyphen
                && Syntax.isWord(zone, 0, zone.length())
                && Syntax.isDigit(zone.charAt(zone.length() - 1));
    }

    /** A name is its region's, followed by a letter, or by a hyphen and more. */
    private static boolean isName(String text) {
        int number = number(text);
        int rest = afterNumber(text, number);
        if (!Syntax.isWord(text, 0, text.length()) || rest == text.length()) {
            return false;
        }
        return Syntax.isRegion(text.substring(0, rest)) && (text.charAt(rest) == '-' || rest == text.length() - 1);
    }

    /** Returns whether a zone, given by its name or by its id, is in a region. */
    public static boolean isIn(String region, String zone) {
        return isId(zone)
                ? zone.startsWith(code(region) + "-")
                // The letter of an Availability Zone, or the hyphen before another zone's own name.
                : zone.startsWith(region)
                        && zone.length() > region.length()
                        && !Syntax.isDigit(zone.charAt(region.length()));
    }

    /** Returns whether a zone's name is that of an Availability Zone, and not of a Local Zone or Wavelength Zone. */
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

    /** Returns what the ids of a region's zones begin with, such as {@code apne1} for {@code ap-northeast-1}. */
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
