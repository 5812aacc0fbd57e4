package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.InstanceTypes.Hibernation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the prerequisites of hibernation that EC2 describes: a type that supports it, and a root volume that holds the
 * memory. EC2 launches some instances that do not meet them, and stops those instead of hibernating them. EC2 does not
 * report whether the image contains the hibernation agent. The root volume is always encrypted.
 */
final class HibernationCheck {
    private static final List<String> ROOT_TYPES = List.of("gp2", "gp3", "io1", "io2");
    private static final BigDecimal MIB_PER_GIB = BigDecimal.valueOf(1_024);
    private static final String REMEDY =
            " or send 'interruption' as 'stop' or 'terminate'. Hibernation also needs EC2's hibernation agent in the"
                    + " image, which EC2 does not report.";

    private HibernationCheck() {}

    /**
     * Returns the types that can hibernate, with their images. If the launch names its types, all of them must.
     *
     * @param images the image of each type
     * @param hibernation what EC2 says about each type; a type that EC2 does not know is not checked
     * @throws ServiceException if a type that the launch names cannot hibernate, or none can
     */
    static Map<String, Image> select(
            Launch launch, String region, Map<String, Image> images, Map<String, Hibernation> hibernation) {
        Map<String, Image> able = new LinkedHashMap<>(images);
        List<String> unsupported = new ArrayList<>();
        List<String> tooLarge = new ArrayList<>();
        images.forEach((type, image) -> {
            Root root = root(launch, image);
            Hibernation support = hibernation.get(type);
            if (support != null && !support.supported()) {
                unsupported.add(type);
            } else if (support != null && !root.holds(support.memoryMiB())) {
                tooLarge.add(type + " has " + gibibytes(support.memoryMiB()) + " GiB, and the root volume "
                        + root.size() + " GiB");
            } else {
                return;
            }
            able.remove(type);
        });
        boolean mustAll = launch.pools().requirements() == null;
        if (!tooLarge.isEmpty() && (mustAll || able.isEmpty())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 hibernates an instance by writing its memory to the root volume, which must be larger: "
                            + String.join("; ", tooLarge.subList(0, Math.min(5, tooLarge.size())))
                            + ". Raise 'volumeSize', choose types with less memory," + REMEDY);
        }
        if (!unsupported.isEmpty() && (mustAll || able.isEmpty())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 cannot hibernate "
                            + (mustAll ? String.join(", ", unsupported) : "any type that meets the requirements")
                            + " in " + region + "; choose other types," + REMEDY);
        }
        return able;
    }

    /** The root volume of an instance, as far as it is known. */
    private record Root(@Nullable Integer size, @Nullable String type) {
        boolean holds(@Nullable Long memoryMiB) {
            return size == null || memoryMiB == null || BigDecimal.valueOf(size).compareTo(gibibytes(memoryMiB)) > 0;
        }
    }

    private static Root root(Launch launch, Image image) {
        if (image.rootDevice() == null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 cannot hibernate instances of image " + image.id()
                            + ", because its root is not an EBS volume; choose another image," + REMEDY);
        }
        Root root = image.volumes().stream()
                .filter(volume -> volume.device().equals(image.rootDevice()))
                .findFirst()
                .map(volume -> new Root(volume.size(), volume.type()))
                .orElse(new Root(null, null));
        for (Launch.Volume volume : launch.settings().volumes()) {
            if (volume.device() == null || volume.device().equals(image.rootDevice())) {
                root = new Root(
                        volume.size() == null ? root.size() : volume.size(),
                        volume.type() == null ? root.type() : volume.type());
            }
        }
        if (root.type() != null && !ROOT_TYPES.contains(root.type())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 hibernates only instances with a root volume of type " + String.join(", ", ROOT_TYPES)
                            + ", and the root volume of image " + image.id() + " would be of type " + root.type()
                            + "; choose another type of volume," + REMEDY);
        }
        return root;
    }

    private static BigDecimal gibibytes(@Nullable Long mebibytes) {
        return BigDecimal.valueOf(mebibytes == null ? 0 : mebibytes)
                .divide(MIB_PER_GIB)
                .stripTrailingZeros();
    }
}
