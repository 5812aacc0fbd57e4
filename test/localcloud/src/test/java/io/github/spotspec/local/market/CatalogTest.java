package io.github.spotspec.local.market;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the catalog of instance types. */
final class CatalogTest {
    private static Catalog.Type type(String name) {
        return Objects.requireNonNull(Catalog.all().get(name), name);
    }

    @Test
    void hasHundredsOfTypes() {
        assertTrue(Catalog.all().size() > 700, () -> Catalog.all().size() + " types");
        assertThrows(UnsupportedOperationException.class, () -> Catalog.all().clear());
    }

    @Test
    void everyTypeHasNameAndSize() {
        assertAll(Catalog.all().entrySet().stream().map(entry -> () -> {
            Catalog.Type type = entry.getValue();
            assertEquals(entry.getKey(), type.name());
            assertTrue(type.name().matches("[a-z0-9-]+\\.[a-z0-9-]+"), type.name());
            assertTrue(type.vcpus() >= 1 && type.vcpus() <= 448, type::toString);
            assertTrue(type.memoryMiB() >= 1_024, type::toString);
            assertTrue(type.onDemand().signum() > 0 && type.onDemand().doubleValue() < 500, type::toString);
        }));
    }

    @Test
    void omitsTypesWithoutSpot() {
        assertTrue(Catalog.all().keySet().stream().noneMatch(name -> name.matches("(mac|u-|u7).*")));
        assertNotNull(Catalog.all().get("m7g.large"));
    }

    @Test
    void onlyOldestFamiliesRejectEncryptedVolumes() {
        for (String name : List.of("t1.micro", "m1.small", "m2.xlarge", "c1.medium")) {
            assertFalse(type(name).encryption(), name);
        }
        for (String name : List.of("t2.micro", "m3.medium", "c3.large", "r3.large", "g2.2xlarge", "m7g.large")) {
            assertTrue(type(name).encryption(), name);
        }
    }

    @Test
    void hibernatesNeitherMetalNorLargeNorOtherFamilies() {
        for (String name : List.of("m5.metal", "m5.24xlarge", "g5.xlarge", "p4d.24xlarge")) {
            assertFalse(type(name).hibernation(), name);
        }
        for (String name : List.of("m5.large", "m7g.large", "t3.micro", "c7i-flex.large")) {
            assertTrue(type(name).hibernation(), name);
        }
    }

    @Test
    void onlyNewerTFamiliesAreBurstable() {
        List<String> burstable = Catalog.all().values().stream()
                .filter(Catalog.Type::burstable)
                .map(type -> type.name().substring(0, type.name().indexOf('.')))
                .distinct()
                .sorted()
                .toList();

        assertEquals(List.of("t2", "t3", "t3a", "t4g"), burstable);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            g4dn.xlarge,  T4,           1, 1, 1.0,   16384
            g4dn.metal,   T4,           8, 8, 1.0,   16384
            g5.48xlarge,  A10G,         8, 8, 1.0,   22888
            p5.48xlarge,  H100,         8, 8, 1.0,   81920
            gr6.4xlarge,  L4,           1, 1, 1.0,   22888
            dl1.24xlarge, Gaudi HL-205, 8, 8, 1.0,   32768
            g6f.large,    L4,           0, 1, 0.125, 2861
            g6f.2xlarge,  L4,           0, 1, 0.25,  5722
            gr6f.4xlarge, L4,           0, 1, 0.5,   11444
            """)
    void hasGpusOfEc2(String name, String model, int count, int logicalCount, BigDecimal partition, int memory) {
        Hardware.Gpus gpus = Objects.requireNonNull(type(name).hardware().gpus());

        assertEquals(new Hardware.Gpus(gpus.manufacturer(), model, count, logicalCount, partition, memory), gpus);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            inf1.6xlarge,  Inferentia,  4
            inf2.xlarge,   Inferentia2, 1
            inf2.48xlarge, Inferentia2, 12
            trn1.32xlarge, Trainium,    16
            trn2.48xlarge, Trainium2,   16
            """)
    void hasNeuronDevicesOfEc2(String name, String device, int count) {
        Hardware.NeuronDevices devices =
                Objects.requireNonNull(type(name).hardware().neuronDevices());

        assertEquals(device, devices.name());
        assertEquals(count, devices.count());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            m7gd.large,    118
            c7gd.metal,    3800
            m6id.32xlarge, 7600
            g4dn.xlarge,   125
            g6f.large,     100
            d3en.12xlarge, 335520
            m7g.large,     0
            t3.large,      0
            inf2.xlarge,   0
            """)
    void hasInstanceStoreOfEc2(String name, int gigabytes) {
        assertEquals(gigabytes, type(name).hardware().storageGB());
    }

    @Test
    void onlyAcceleratedFamiliesHaveDevices() {
        assertAll(Catalog.all().values().stream().map(type -> () -> {
            boolean accelerated =
                    type.hardware().gpus() != null || type.hardware().neuronDevices() != null;
            assertTrue(!accelerated || type.name().matches("(dl|g|gr|inf|p|trn)[0-9].*"), type.name());
        }));
    }

    @Test
    void knowsArmFamilies() {
        List<String> arm = List.of(
                "a1",
                "t4g",
                "c6g",
                "c6gd",
                "c6gn",
                "c7gn",
                "c8g",
                "m6g",
                "m7gd",
                "m8g",
                "r6g",
                "r8gb",
                "x2gd",
                "x8g",
                "g5g",
                "hpc7g",
                "i4g",
                "i8ge",
                "im4gn",
                "is4gen",
                "p6e-gb200");
        List<String> intelOrAmd = List.of(
                "t3",
                "t3a",
                "m5",
                "m5zn",
                "m7a",
                "m7i-flex",
                "c5",
                "c7i",
                "r7iz",
                "x2iedn",
                "g4dn",
                "g4ad",
                "g6e",
                "gr6",
                "p4d",
                "i3en",
                "i7ie",
                "inf2",
                "trn1n",
                "hpc7a",
                "z1d");

        assertAll(Stream.concat(arm.stream(), intelOrAmd.stream()).map(family -> () -> {
            List<Catalog.Type> types = Catalog.all().values().stream()
                    .filter(type -> type.name().startsWith(family + "."))
                    .toList();
            assertFalse(types.isEmpty(), family);
            assertTrue(types.stream().allMatch(type -> type.arm() == arm.contains(family)), family);
        }));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            m7g.medium,     1
            m7g.large,      2
            m7g.xlarge,     4
            m7g.16xlarge,   64
            c7i.metal-48xl, 192
            c5.metal,       96
            """)
    void derivesVcpusFromSize(String name, int vcpus) {
        assertEquals(vcpus, type(name).vcpus());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            m7g.large,  m7g.xlarge
            m7g.large,  m7i.large
            m7i.large,  m7i.2xlarge
            m6a.large,  m6i.large
            c6i.large,  m6i.large
            m6i.large,  r6i.large
            m6g.large,  m6gd.large
            t4g.nano,   t4g.small
            m5.large,   g5.xlarge
            g5.xlarge,  p4d.24xlarge
            """)
    void ordersPrices(String cheaper, String costlier) {
        assertTrue(type(cheaper).onDemand().compareTo(type(costlier).onDemand()) < 0);
    }
}
