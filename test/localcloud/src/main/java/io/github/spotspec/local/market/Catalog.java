package io.github.spotspec.local.market;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.ec2.model.InstanceType;

/**
 * The instance types by their real names, with their real {@link Hardware}. Their sizes and on-demand prices follow
 * from the names by rule. The prices have the right order of magnitude and the right order among each other, but they
 * are not AWS's price list.
 */
public final class Catalog {
    /** US dollars per vCPU-hour, by the initial letters of a family's name. The longest match counts. */
    private static final Map<String, String> VCPU_HOUR = Map.ofEntries(
            Map.entry("a", "0.0255"),
            Map.entry("c", "0.0425"),
            Map.entry("d", "0.0690"),
            Map.entry("dl", "0.1365"),
            Map.entry("f", "0.2063"),
            Map.entry("g", "0.1300"),
            Map.entry("h", "0.0585"),
            Map.entry("hpc", "0.0300"),
            Map.entry("i", "0.0780"),
            Map.entry("im", "0.0830"),
            Map.entry("inf", "0.0570"),
            Map.entry("is", "0.0940"),
            Map.entry("m", "0.0480"),
            Map.entry("p", "0.3825"),
            Map.entry("r", "0.0630"),
            Map.entry("t", "0.0416"),
            Map.entry("trn", "0.1680"),
            Map.entry("vt", "0.0540"),
            Map.entry("x", "0.1668"),
            Map.entry("z", "0.0930"));

    /** The families that predate EBS encryption. */
    private static final List<String> NO_ENCRYPTION =
            List.of("t1", "m1", "m2", "c1", "cc1", "cc2", "cg1", "hi1", "hs1");

    /** The families that EC2's DescribeInstanceTypes shows with support for hibernation. */
    private static final List<String> HIBERNATION =
            List.of(("c3 c4 c5 c5d c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex c8a c8g c8gb c8gd"
                            + " c8gn c8i c8i-flex i3 i3en i4g i7i i7ie i8g i8ge im4gn is4gen m3 m4 m5 m5a m5ad m5d m6a"
                            + " m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8a m8azn m8g m8gb m8gd m8gn m8i"
                            + " m8i-flex r3 r4 r5 r5a r5ad r5d r6a r6g r6gd r6idn r6in r7a r7g r7gd r7i r7iz r8a r8g"
                            + " r8gb r8gd r8gn r8i r8i-flex t2 t3 t3a t4g x2gd x8aedz x8i ")
                    .split(" "));

    /**
     * The families on the Xen hypervisor (EC2 user guide, "Xen-based instances"). All others are on the Nitro System.
     */
    private static final List<String> XEN =
            List.of(("c1 c3 c4 cc1 cc2 cg1 d2 f1 g2 g3 g3s h1 hi1 hs1 i2 i3 m1 m2 m3 m4 p2 " + "p3 r3 r4 t1 t2 x1 x1e")
                    .split(" "));

    /** EC2 supports hibernation of instances with less memory than this. */
    private static final long HIBERNATION_MIB = 150 * 1_024;

    private static final Map<String, Type> TYPES = types();

    private Catalog() {}

    /**
     * An instance type that is available as spot.
     *
     * @param vcpus number of virtual CPUs
     * @param memoryMiB memory in MiB
     * @param arm whether its architecture is arm64
     * @param encryption whether it supports encrypted EBS volumes
     * @param burstable whether it is a burstable performance instance type
     * @param onDemand US dollars per hour with Linux in the cheapest region
     */
    public record Type(
            String name,
            int vcpus,
            long memoryMiB,
            boolean arm,
            boolean encryption,
            boolean burstable,
            Hardware hardware,
            BigDecimal onDemand) {
        /** Returns whether EC2 can hibernate it. */
        public boolean hibernation() {
            return HIBERNATION.contains(name.substring(0, name.indexOf('.')))
                    && !name.contains(".metal")
                    && memoryMiB < HIBERNATION_MIB;
        }
    }

    /** Returns every type by name. */
    public static Map<String, Type> all() {
        return TYPES;
    }

    /** Returns whether a type is based on the Nitro System. */
    public static boolean isNitro(String type) {
        return type.endsWith(".metal") || !XEN.contains(type.substring(0, type.indexOf('.')));
    }

    private static Map<String, Type> types() {
        Map<String, Type> types = new TreeMap<>();
        for (InstanceType known : InstanceType.knownValues()) {
            type(known.toString()).ifPresent(type -> types.put(type.name(), type));
        }
        return java.util.Collections.unmodifiableMap(types);
    }

    /**
     * Returns the type with a name, or empty if it is unknown or not sold as spot. Mac and high-memory hosts are not
     * sold as spot.
     */
    private static Optional<Type> type(String name) {
        int dot = name.indexOf('.');
        String family = name.substring(0, dot);
        String letters = family.replaceAll("[0-9].*", "");
        Optional<String> rate = VCPU_HOUR.keySet().stream()
                .filter(letters::startsWith)
                .max(java.util.Comparator.comparingInt(String::length))
                .map(VCPU_HOUR::get);
        int vcpus = vcpus(name.substring(dot + 1));
        if (rate.isEmpty() || vcpus == 0 || letters.startsWith("mac") || letters.startsWith("u-")) {
            return Optional.empty();
        }
        String suffix = family.replaceFirst("^[a-z]+[0-9]+", "");
        boolean arm = suffix.startsWith("g") || List.of("a1", "p6e-gb200").contains(family);
        BigDecimal price = new BigDecimal(rate.get()).multiply(BigDecimal.valueOf(Math.max(1, vcpus)));
        for (int i = 0; i < suffix.length(); i++) {
            price = price.multiply(new BigDecimal(
                    switch (suffix.charAt(i)) {
                        case 'g' -> "0.80";
                        case 'a' -> "0.90";
                        case 'd' -> "1.18";
                        case 'n' -> "1.26";
                        case 'z' -> "1.40";
                        case 'b' -> "1.15";
                        default -> "1.00";
                    }));
        }
        if (letters.equals("t")) {
            price = price.multiply(burstable(name.substring(dot + 1)));
        }
        long memory = vcpus
                * 1024L
                * switch (letters.charAt(0)) {
                    case 'c' -> 2;
                    case 'r', 'i', 'z', 'd' -> 8;
                    case 'x' -> 16;
                    default -> 4;
                };
        return Optional.of(new Type(
                name,
                vcpus,
                memory,
                arm,
                !NO_ENCRYPTION.contains(family),
                letters.equals("t") && !family.equals("t1"),
                Hardware.of(family, name.substring(dot + 1)),
                price.round(new MathContext(4))));
    }

    private static BigDecimal burstable(String size) {
        return new BigDecimal(
                switch (size) {
                    case "nano" -> "0.125";
                    case "micro" -> "0.25";
                    case "small" -> "0.5";
                    default -> "1";
                });
    }

    /** Returns the number of vCPUs of a size, or 0 if the size is unknown. */
    private static int vcpus(String size) {
        return switch (size) {
            case "nano", "micro", "small", "medium" -> 1;
            case "large" -> 2;
            case "xlarge" -> 4;
            case "metal" -> 96;
            default -> {
                String number = size.replaceAll("^metal-", "").replaceAll("xl(arge)?$", "");
                yield number.matches("[0-9]+") ? 4 * Integer.parseInt(number) : 0;
            }
        };
    }
}
