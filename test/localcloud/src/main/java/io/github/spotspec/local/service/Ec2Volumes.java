package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.LaunchSpecification.NewVolume;
import io.github.spotspec.local.wire.AwsError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Determines the volumes of RunInstances: the image's volumes as block device mappings change them, and added volumes.
 */
final class Ec2Volumes {
    private Ec2Volumes() {}

    /**
     * Returns the volumes of a launch.
     *
     * @param encrypted whether the account encrypts all new volumes
     */
    static List<NewVolume> of(Params params, Images.Image image, boolean encrypted) {
        Map<String, NewVolume> volumes = new LinkedHashMap<>();
        image.volumes()
                .forEach(volume -> volumes.put(
                        volume.device(),
                        new NewVolume(
                                volume.device(),
                                volume.size(),
                                false,
                                volume.type(),
                                null,
                                null,
                                encrypted,
                                volume.root())));
        for (int i = 1; i <= params.count("BlockDeviceMapping"); i++) {
            String prefix = "BlockDeviceMapping." + i + ".";
            String device = params.required(prefix + "DeviceName");
            NewVolume before = volumes.get(device);
            int size = params.whole(prefix + "Ebs.VolumeSize", before == null ? 0 : before.size());
            if (size == 0) {
                throw new AwsError(
                        400, "MissingParameter", "The request must contain the parameter size or snapshotId");
            }
            if (before != null && size < before.size()) {
                throw new AwsError(
                        400, "InvalidBlockDeviceMapping", "Volume of size " + size + "GB is smaller than snapshot.");
            }
            String delete = params.text(prefix + "Ebs.DeleteOnTermination");
            volumes.put(
                    device,
                    new NewVolume(
                            device,
                            size,
                            params.text(prefix + "Ebs.VolumeSize") != null,
                            params.text(prefix + "Ebs.VolumeType", before == null ? "gp3" : before.type()),
                            given(params, prefix + "Ebs.Iops"),
                            given(params, prefix + "Ebs.Throughput"),
                            params.flag(prefix + "Ebs.Encrypted") || encrypted,
                            delete == null
                                    ? before == null || before.deleteOnTermination()
                                    : Boolean.parseBoolean(delete)));
        }
        return List.copyOf(volumes.values());
    }

    private static @Nullable Integer given(Params params, String name) {
        int value = params.whole(name, 0);
        return value == 0 ? null : value;
    }

    /**
     * Returns the condition keys of a volume. AWS does not document whether EC2 sends the keys for values that the
     * image or EC2 provides. Here it sends only the type.
     */
    static Map<String, List<String>> keys(NewVolume volume) {
        Map<String, List<String>> keys = new TreeMap<>();
        if (volume.sizeRequested()) {
            keys.put("ec2:VolumeSize", List.of(Integer.toString(volume.size())));
        }
        if (volume.iops() != null) {
            keys.put("ec2:VolumeIops", List.of(Integer.toString(volume.iops())));
        }
        if (volume.throughput() != null) {
            keys.put("ec2:VolumeThroughput", List.of(Integer.toString(volume.throughput())));
        }
        keys.put("ec2:VolumeType", List.of(volume.type()));
        keys.put("ec2:Encrypted", List.of(Boolean.toString(volume.encrypted())));
        return keys;
    }
}
