package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.ec2.ImageNames;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.InstanceTypes.InstanceRequirements;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import io.github.spotspec.function.runtime.ParallelCalls.Started;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds the capacity pools of a launch in a region, with the image of each. Thread-safe. */
final class PoolFinder {
    private final Images images;
    private final InstanceTypes instanceTypes;
    private final SpotPrices prices;
    private final Subnets subnets;
    private final GuardRails guardRails;

    PoolFinder(Launcher.PoolSources sources, GuardRails guardRails) {
        this.images = sources.images();
        this.instanceTypes = sources.instanceTypes();
        this.prices = sources.spotPrices();
        this.subnets = sources.subnets();
        this.guardRails = guardRails;
    }

    /**
     * The pools of a launch in one region, in no particular order.
     *
     * @param types the types that the launch could use in the region
     * @param unknownTypes the types that the launch names and EC2 does not know in the region
     */
    record RegionPools(List<CapacityPool> pools, List<String> types, List<String> unknownTypes) {}

    /**
     * Returns the pools of a launch in one region.
     *
     * @param compares whether the prices of the pools are compared, so that they must be read even if there is only one
     *     pool
     * @throws ServiceException if there is no pool, or AWS does not answer
     */
    RegionPools find(String region, Launch launch, boolean compares, AwsCallContext callContext, Instant now) {
        try (Started<Map<String, Subnets.Zone>> bySubnet =
                ParallelCalls.start(() -> subnets(region, launch, callContext))) {
            Selection selection = select(region, launch, callContext, now);
            return find(region, launch, compares, selection, bySubnet.get(), callContext, now);
        }
    }

    private RegionPools find(
            String region,
            Launch launch,
            boolean compares,
            Selection selection,
            Map<String, Subnets.Zone> bySubnet,
            AwsCallContext callContext,
            Instant now) {
        List<String> types = List.copyOf(selection.images().keySet());
        boolean onlyOne = types.size() == 1
                && (bySubnet.isEmpty() ? isOneName(launch.pools().zones()) : bySubnet.size() == 1);
        List<CapacityPool> pools = new ArrayList<>();
        List<String> unknown = selection.unknown();
        if (onlyOne && !compares) {
            // With one pool and no price limit there is nothing to rank or to compare, so EC2 is not called.
            String subnet =
                    bySubnet.isEmpty() ? null : bySubnet.keySet().iterator().next();
            Subnets.Zone zone = subnet == null
                    ? new Subnets.Zone(launch.pools().zones().getFirst(), null)
                    : bySubnet.values().iterator().next();
            String type = types.getFirst();
            pools.add(
                    new CapacityPool(region, type, zone.name(), zone.id(), subnet, selection.image(type), null, null));
        } else if (!types.isEmpty()) {
            List<PoolPrice> poolPrices = prices(region, launch, selection.images(), bySubnet, callContext, now);
            if (unknown.isEmpty()) {
                unknown = unknown(region, launch, poolPrices, callContext);
            }
            for (PoolPrice price : poolPrices) {
                add(price, bySubnet, selection.image(price.instanceType()), pools);
            }
        }
        List<String> known = types.stream()
                .filter(type -> !selection.unknown().contains(type))
                .toList();
        if (pools.isEmpty()) {
            if (!unknown.isEmpty() && unknown.containsAll(types)) {
                throw InstanceTypes.unknown(unknown, List.of(region));
            }
            // This is not a temporary lack of capacity: EC2 offers no such pool.
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 has no Spot capacity pool of " + String.join(", ", types) + " in the zones of this launch in "
                            + region + "; the task 'price' lists the pools that exist.");
        }
        return new RegionPools(pools, known, unknown);
    }

    private static void add(
            PoolPrice price, Map<String, Subnets.Zone> bySubnet, Image image, List<CapacityPool> pools) {
        if (bySubnet.isEmpty()) {
            pools.add(pool(price, null, image));
        }
        bySubnet.forEach((subnet, zone) -> {
            if (zone.name().equals(price.zone())) {
                pools.add(pool(price, subnet, image));
            }
        });
    }

    private static CapacityPool pool(PoolPrice price, @Nullable String subnet, Image image) {
        return new CapacityPool(
                price.region(), price.instanceType(), price.zone(), price.zoneId(), subnet, image, price.price(), null);
    }

    /**
     * The types that a launch could use in a region, and the image of each.
     *
     * @param unknown the types that the launch names and EC2 does not know, if that is known already
     */
    private record Selection(Map<String, Image> images, List<String> unknown) {
        Image image(String type) {
            return Objects.requireNonNull(images.get(type));
        }
    }

    private Selection select(String region, Launch launch, AwsCallContext callContext, Instant now) {
        Selection selection = ImageNames.isName(launch.image())
                ? selectByName(region, launch, callContext, now)
                : selectByReference(region, launch, callContext, now);
        if (launch.market().interruption() != Launch.InterruptionBehavior.HIBERNATE) {
            return selection;
        }
        List<String> types = List.copyOf(selection.images().keySet());
        return new Selection(
                HibernationCheck.select(
                        launch, region, selection.images(), instanceTypes.hibernation(region, types, callContext)),
                selection.unknown());
    }

    /** Selects the types of a launch from one image, given by its id or its parameter. */
    private Selection selectByReference(String region, Launch launch, AwsCallContext callContext, Instant now) {
        Image image = image(region, launch.image(), callContext, now);
        InstanceRequirements required = launch.pools().requirements();
        List<String> types = required == null
                ? launch.pools().types()
                : fitting(region, withImageArchitecture(required, image), callContext);
        if (types.isEmpty()) {
            throw noFittingType(region);
        }
        Map<String, Image> selected = new LinkedHashMap<>();
        types.forEach(type -> selected.put(type, image));
        return new Selection(selected, List.of());
    }

    /**
     * Selects the types of a launch from an image that is given by a short name, and has a variant per architecture.
     */
    private Selection selectByName(String region, Launch launch, AwsCallContext callContext, Instant now) {
        InstanceRequirements required = launch.pools().requirements();
        // Sorted, so that equal requests make equal calls.
        Map<String, List<String>> byArchitecture = new TreeMap<>();
        List<String> unknown = new ArrayList<>();
        if (required == null) {
            Map<String, String> architectures =
                    instanceTypes.architectures(region, launch.pools().types(), callContext);
            for (String type : launch.pools().types()) {
                String architecture = architectures.get(type);
                if (architecture == null) {
                    unknown.add(type);
                } else if (ImageNames.parameter(launch.image(), architecture).isEmpty()) {
                    throw new ServiceException(
                            ErrorCode.INVALID_REQUEST,
                            "Image " + launch.image() + " does not exist for " + architecture + ", the architecture of "
                                    + type + "; omit that type, or choose another 'ami'.");
                } else {
                    byArchitecture
                            .computeIfAbsent(architecture, any -> new ArrayList<>())
                            .add(type);
                }
            }
            if (byArchitecture.isEmpty()) {
                throw InstanceTypes.unknown(unknown, List.of(region));
            }
        } else {
            for (String architecture : InstanceTypes.ARCHITECTURES) {
                if ((required.architecture() == null || required.architecture().equals(architecture))
                        && ImageNames.parameter(launch.image(), architecture).isPresent()) {
                    List<String> types = fitting(region, required.withArchitecture(architecture), callContext);
                    if (!types.isEmpty()) {
                        byArchitecture.put(architecture, types);
                    }
                }
            }
            if (byArchitecture.isEmpty()) {
                throw noFittingType(region);
            }
        }
        Map<String, Image> selected = new LinkedHashMap<>();
        byArchitecture.forEach((architecture, types) -> {
            String parameter =
                    ImageNames.parameter(launch.image(), architecture).orElseThrow();
            Image image = image(region, Images.RESOLVE + parameter, callContext, now);
            types.forEach(type -> selected.putIfAbsent(type, image));
        });
        return new Selection(selected, unknown);
    }

    private Image image(String region, String reference, AwsCallContext callContext, Instant now) {
        Image image = images.find(region, reference, callContext, now);
        guardRails.checkImageOwner(image.id(), image.ownerId(), image.ownerAlias());
        return image;
    }

    private List<String> fitting(String region, InstanceRequirements required, AwsCallContext callContext) {
        return instanceTypes.fitting(region, required, callContext).stream()
                .filter(guardRails::allowsType)
                .toList();
    }

    private static ServiceException noFittingType(String region) {
        return new ServiceException(
                ErrorCode.TYPE_NOT_ALLOWED,
                "No Spot instance type in " + region
                        + " that this deployment allows matches the requirements and the image.");
    }

    /**
     * Returns the requirements with the image's architecture added, because instances of another architecture would not
     * start.
     */
    private static InstanceRequirements withImageArchitecture(InstanceRequirements requested, Image image) {
        if (image.architecture() == null) {
            return requested;
        }
        if (requested.architecture() != null && !requested.architecture().equals(image.architecture())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'architecture' is " + requested.architecture() + ", but image " + image.id() + " is "
                            + image.architecture() + "; omit it, or choose another image.");
        }
        return requested.withArchitecture(image.architecture());
    }

    /** Returns the named types that have no pool because EC2 does not know them. */
    private List<String> unknown(String region, Launch launch, List<PoolPrice> poolPrices, AwsCallContext callContext) {
        List<String> priced =
                poolPrices.stream().map(PoolPrice::instanceType).distinct().toList();
        return instanceTypes.unknown(
                region,
                launch.pools().types().stream()
                        .filter(type -> !priced.contains(type))
                        .toList(),
                callContext);
    }

    /**
     * Returns the zone of each subnet that the launch names, without the subnets outside the zones that it names.
     *
     * @throws ServiceException if the launch names subnets, and no such subnet remains
     */
    private Map<String, Subnets.Zone> subnets(String region, Launch launch, AwsCallContext callContext) {
        if (launch.pools().subnets().isEmpty()) {
            return Map.of();
        }
        Map<String, Subnets.Zone> zones = new LinkedHashMap<>();
        subnets.zones(region, launch.pools().subnets(), callContext).forEach((subnet, zone) -> {
            if (launch.pools().zones().isEmpty() || zone.isOneOf(launch.pools().zones())) {
                zones.put(subnet, zone);
            }
        });
        if (zones.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "No requested subnet is in a requested zone: "
                            + String.join(", ", launch.pools().zones()) + ".");
        }
        return zones;
    }

    /**
     * Returns whether there is exactly one zone and it is given by name. Only the prices return the name of a zone that
     * is given by id.
     */
    private static boolean isOneName(List<String> zones) {
        return zones.size() == 1 && !Zones.isId(zones.getFirst());
    }

    /** Returns the price of each pool, for the product of the image that the pool would run. */
    private List<PoolPrice> prices(
            String region,
            Launch launch,
            Map<String, Image> byType,
            Map<String, Subnets.Zone> bySubnet,
            AwsCallContext callContext,
            Instant now) {
        List<String> zones = bySubnet.isEmpty()
                ? launch.pools().zones().stream()
                        .filter(zone -> Zones.isIn(region, zone))
                        .toList()
                : bySubnet.values().stream()
                        .map(Subnets.Zone::name)
                        .distinct()
                        .sorted()
                        .toList();
        List<String> products =
                byType.values().stream().map(PoolFinder::product).distinct().toList();
        SpotPrices.Query query = new SpotPrices.Query(List.copyOf(byType.keySet()), products, zones, false);
        return prices.current(region, query, callContext, now).prices().stream()
                // EC2 returns only the product of the query, maybe under another name, as in "Linux/UNIX (Amazon
                // VPC)"; prices of several products must be told apart.
                .filter(price -> products.size() == 1
                        || product(Objects.requireNonNull(byType.get(price.instanceType())))
                                .equals(price.product()))
                // Local Zones and Wavelength Zones have no default subnet, so a launch goes there only if the request
                // names them.
                .filter(price -> !zones.isEmpty() || Zones.isAvailabilityZone(region, price.zone()))
                .toList();
    }

    /**
     * Returns the product to read prices of. An image without a product has no spot price, but the product does not
     * change which pools exist, and seldom changes their order.
     */
    private static String product(Image image) {
        return image.product() == null ? SpotPrices.PRODUCTS.getFirst() : image.product();
    }
}
