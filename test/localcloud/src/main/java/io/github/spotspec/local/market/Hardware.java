package io.github.spotspec.local.market;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs, Neuron devices and instance store of a type, as EC2 describes them. The numbers are EC2's own, except that
 * the oldest GPU families (g2, g3, p2, p3) have no GPUs here.
 *
 * @param gpus the GPUs of the only model that the type has, or null
 * @param neuronDevices the Neuron devices of the only kind that the type has, or null
 * @param storageGB the total size of the disks of the instance store in GB, or 0 without an instance store
 */
public record Hardware(@Nullable Gpus gpus, @Nullable NeuronDevices neuronDevices, int storageGB) {
    /** Manufacturer, model and MiB of a whole GPU; for each size, the number of GPUs or the part of one. */
    private static final String GPUS = """
            dl1           | Habana | Gaudi HL-205    | 32768  | 24xlarge=8
            g4ad          | AMD    | Radeon Pro V520 | 8192   | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=2 16xlarge=4
            g4dn          | NVIDIA | T4              | 16384  | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=1 12xlarge=4 16xlarge=1 metal=8
            g5            | NVIDIA | A10G            | 22888  | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=1 12xlarge=4 16xlarge=1 24xlarge=4 48xlarge=8
            g5g           | NVIDIA | T4g             | 16384  | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=1 16xlarge=2 metal=2
            g6 gr6        | NVIDIA | L4              | 22888  | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=1 12xlarge=4 16xlarge=1 24xlarge=4 48xlarge=8
            g6e           | NVIDIA | L40S            | 45776  | xlarge=1 2xlarge=1 4xlarge=1 8xlarge=1 12xlarge=4 16xlarge=1 24xlarge=4 48xlarge=8
            g6f gr6f      | NVIDIA | L4              | 22888  | large=0.125 xlarge=0.125 2xlarge=0.25 4xlarge=0.5
            p3dn          | NVIDIA | V100            | 32768  | 24xlarge=8
            p4d           | NVIDIA | A100            | 40960  | 24xlarge=8
            p4de          | NVIDIA | A100            | 81920  | 24xlarge=8
            p5            | NVIDIA | H100            | 81920  | 4xlarge=1 48xlarge=8
            p5e p5en      | NVIDIA | H200            | 144384 | 48xlarge=8
            p6-b200       | NVIDIA | B200            | 183359 | 48xlarge=8
            """;

    /** Name, cores, version of the cores and MiB of a device; for each size, the number of devices. */
    private static final String NEURON_DEVICES = """
            inf1       | Inferentia  | 4 | 1 | 8192   | xlarge=1 2xlarge=1 6xlarge=4 24xlarge=16
            inf2       | Inferentia2 | 2 | 2 | 32768  | xlarge=1 8xlarge=1 24xlarge=6 48xlarge=12
            trn1 trn1n | Trainium    | 2 | 2 | 32768  | 2xlarge=1 32xlarge=16
            trn2       | Trainium2   | 8 | 3 | 524288 | 3xlarge=1 48xlarge=16
            """;

    /** For each size, the GB of all disks. */
    private static final String STORAGE = """
            c1                              | medium=350 xlarge=1680
            c3 r3                           | large=32 xlarge=80 2xlarge=160 4xlarge=320 8xlarge=640
            c5ad                            | large=75 xlarge=150 2xlarge=300 4xlarge=600 8xlarge=1200 12xlarge=1800 16xlarge=2400 24xlarge=3800
            c5d                             | large=50 xlarge=100 2xlarge=200 4xlarge=400 9xlarge=900 12xlarge=1800 18xlarge=1800 24xlarge=3600 metal=3600
            c6gd c7gd m6gd m7gd r6gd r7gd   | medium=59 large=118 xlarge=237 2xlarge=474 4xlarge=950 8xlarge=1900 12xlarge=2850 16xlarge=3800 metal=3800
            c6id m6id m6idn r6id r6idn      | large=118 xlarge=237 2xlarge=474 4xlarge=950 8xlarge=1900 12xlarge=2850 16xlarge=3800 24xlarge=5700 32xlarge=7600 metal=7600
            c8gd m8gd r8gd                  | medium=59 large=118 xlarge=237 2xlarge=474 4xlarge=950 8xlarge=1900 12xlarge=2850 16xlarge=3800 24xlarge=5700 metal-24xl=5700 48xlarge=11400 metal-48xl=11400
            d2                              | xlarge=6144 2xlarge=12288 4xlarge=24576 8xlarge=49152
            d3                              | xlarge=5940 2xlarge=11880 4xlarge=23760 8xlarge=47520
            d3en                            | xlarge=27960 2xlarge=55920 4xlarge=111840 6xlarge=167760 8xlarge=223680 12xlarge=335520
            dl1                             | 24xlarge=4000
            f2                              | 6xlarge=940 12xlarge=1880 48xlarge=7520
            g4ad m5ad m5d m5dn r5ad r5d r5dn | large=75 xlarge=150 2xlarge=300 4xlarge=600 8xlarge=1200 12xlarge=1800 16xlarge=2400 24xlarge=3600 metal=3600
            g4dn                            | xlarge=125 2xlarge=225 4xlarge=225 8xlarge=900 12xlarge=900 16xlarge=900 metal=1800
            g5 g6e gr6                      | xlarge=250 2xlarge=450 4xlarge=600 8xlarge=900 12xlarge=3800 16xlarge=1900 24xlarge=3800 48xlarge=7600
            g6                              | xlarge=250 2xlarge=450 4xlarge=600 8xlarge=900 12xlarge=3760 16xlarge=1880 24xlarge=3760 48xlarge=7520
            g6f gr6f                        | large=100 xlarge=100 2xlarge=200 4xlarge=450
            h1                              | 2xlarge=2000 4xlarge=4000 8xlarge=8000 16xlarge=16000
            i2                              | xlarge=800 2xlarge=1600 4xlarge=3200 8xlarge=6400
            i3                              | large=475 xlarge=950 2xlarge=1900 4xlarge=3800 8xlarge=7600 16xlarge=15200
            i3en                            | large=1250 xlarge=2500 2xlarge=5000 3xlarge=7500 6xlarge=15000 12xlarge=30000 24xlarge=60000 metal=60000
            i4g i7i i8g                     | large=468 xlarge=937 2xlarge=1875 4xlarge=3750 8xlarge=7500 12xlarge=11250 16xlarge=15000 24xlarge=22500 metal-24xl=22500 48xlarge=45000 metal-48xl=45000
            i4i                             | large=468 xlarge=937 2xlarge=1875 4xlarge=3750 8xlarge=7500 12xlarge=11250 16xlarge=15000 24xlarge=22500 32xlarge=30000 metal=30000
            i7ie i8ge                       | large=1250 xlarge=2500 2xlarge=5000 3xlarge=7500 6xlarge=15000 12xlarge=30000 18xlarge=45000 24xlarge=60000 metal-24xl=60000 48xlarge=120000 metal-48xl=120000
            im4gn                           | large=937 xlarge=1875 2xlarge=3750 4xlarge=7500 8xlarge=15000 16xlarge=30000
            is4gen                          | medium=937 large=1875 xlarge=3750 2xlarge=7500 4xlarge=15000 8xlarge=30000
            m1                              | small=160 medium=410 large=840 xlarge=1680
            m2                              | xlarge=420 2xlarge=850 4xlarge=1680
            m3                              | medium=4 large=32 xlarge=80 2xlarge=160
            p3dn                            | 24xlarge=1800
            p4d p4de                        | 24xlarge=8000
            p5 p5e p5en p6-b200             | 4xlarge=3800 48xlarge=30400
            trn1 trn1n                      | 2xlarge=474 32xlarge=7600
            trn2                            | 3xlarge=470 48xlarge=7600
            x1 x1e                          | xlarge=120 2xlarge=240 4xlarge=480 8xlarge=960 16xlarge=1920 32xlarge=3840
            x2gd                            | medium=59 large=118 xlarge=237 2xlarge=475 4xlarge=950 8xlarge=1900 12xlarge=2850 16xlarge=3800 metal=3800
            x2idn x2iedn                    | xlarge=118 2xlarge=237 4xlarge=475 8xlarge=950 16xlarge=1900 24xlarge=2850 32xlarge=3800 metal=3800
            z1d                             | large=75 xlarge=150 2xlarge=300 3xlarge=450 6xlarge=900 12xlarge=1800 metal=1800
            """;

    private static final Map<String, Row> GPU_ROWS = rows(GPUS);
    private static final Map<String, Row> NEURON_ROWS = rows(NEURON_DEVICES);
    private static final Map<String, Row> STORAGE_ROWS = rows(STORAGE);

    /**
     * GPUs of one model.
     *
     * @param count the number of whole GPUs; EC2 counts a part of a GPU as 0
     * @param logicalCount the number of GPUs or parts of GPUs
     * @param partitionSize the part of a whole GPU that each of them is
     * @param memoryMiB the memory of each of them in MiB
     */
    public record Gpus(
            String manufacturer, String model, int count, int logicalCount, BigDecimal partitionSize, int memoryMiB) {}

    /**
     * Neuron devices of one kind.
     *
     * @param cores the number of cores of each device
     * @param memoryMiB the memory of each device in MiB
     */
    public record NeuronDevices(String name, int count, int cores, int coreVersion, int memoryMiB) {}

    private record Row(List<String> cells, Map<String, String> sizes) {
        int number(int cell) {
            return Integer.parseInt(cells.get(cell));
        }
    }

    /** Returns the hardware of a type. */
    static Hardware of(String family, String size) {
        Row storage = STORAGE_ROWS.get(family);
        return new Hardware(
                gpus(GPU_ROWS.get(family), size),
                neuronDevices(NEURON_ROWS.get(family), size),
                storage == null ? 0 : Integer.parseInt(storage.sizes().getOrDefault(size, "0")));
    }

    private static @Nullable Gpus gpus(@Nullable Row row, String size) {
        if (row == null || !row.sizes().containsKey(size)) {
            return null;
        }
        BigDecimal number = new BigDecimal(row.sizes().get(size));
        boolean whole = number.scale() == 0;
        BigDecimal partition = whole ? new BigDecimal("1.0") : number;
        return new Gpus(
                row.cells().get(0),
                row.cells().get(1),
                whole ? number.intValueExact() : 0,
                whole ? number.intValueExact() : 1,
                partition,
                partition.multiply(BigDecimal.valueOf(row.number(2))).intValue());
    }

    private static @Nullable NeuronDevices neuronDevices(@Nullable Row row, String size) {
        return row == null || !row.sizes().containsKey(size)
                ? null
                : new NeuronDevices(
                        row.cells().getFirst(),
                        Integer.parseInt(row.sizes().get(size)),
                        row.number(1),
                        row.number(2),
                        row.number(3));
    }

    /** Reads a table: families, cells, and a last cell with a value for each size. */
    private static Map<String, Row> rows(String table) {
        Map<String, Row> rows = new HashMap<>();
        table.lines().forEach(line -> {
            List<String> cells =
                    List.of(line.split("\\|", -1)).stream().map(String::strip).toList();
            Map<String, String> sizes = new HashMap<>();
            for (String size : cells.getLast().split(" ", -1)) {
                sizes.put(size.substring(0, size.indexOf('=')), size.substring(size.indexOf('=') + 1));
            }
            for (String family : cells.getFirst().split(" ", -1)) {
                rows.put(family, new Row(cells.subList(1, cells.size() - 1), sizes));
            }
        });
        return rows;
    }
}
