package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.service.SmallCloud.Answer;
import io.github.spotspec.local.wire.SignedRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests EC2's answers about prices, types and launches. */
final class Ec2ApiTest {
    private static final String NOW = SignedRequest.NOW.toString();
    private static final Pattern ITEM = Pattern.compile("<item>.*?</item>");
    private static final Pattern TYPE = Pattern.compile("<instanceType>(.*?)</instanceType>");

    /** Shared by all tests, because it sorts thousands of pools before its first answer. */
    private static final SmallCloud CLOUD = new SmallCloud();

    @BeforeAll
    static void allowAnn() {
        CLOUD.allow("ec2:*", "*");
    }

    private static Answer prices(String... parameters) {
        return CLOUD.query(
                "ec2",
                Stream.concat(
                                Stream.of("Action", "DescribeSpotPriceHistory", "InstanceType.1", "m7g.large"),
                                Arrays.stream(parameters))
                        .toArray(String[]::new));
    }

    private static List<String> items(Answer answer) {
        return ITEM.matcher(answer.text()).results().map(match -> match.group()).toList();
    }

    private static List<String> values(Answer answer, String element) {
        return items(answer).stream()
                .map(item -> new Answer(200, "", item).element(element))
                .distinct()
                .toList();
    }

    @Test
    void currentPricesHaveOneRowPerPool() {
        List<SpotMarket.Pool> pools = CLOUD.market.pools("us-east-1").stream()
                .filter(pool -> pool.type().name().equals("m7g.large"))
                .toList();
        Answer answer = prices("StartTime", NOW);

        assertEquals(pools.size(), items(answer).size());
        assertEquals("", answer.element("nextToken"));
        SpotMarket.Price first = CLOUD.market.at(pools.getFirst(), SignedRequest.NOW);
        assertEquals(first.price().toPlainString(), answer.element("spotPrice"));
        assertEquals(first.since().toString(), answer.element("timestamp"));
        assertEquals(first.pool().zone(), answer.element("availabilityZone"));
    }

    @Test
    void compressesLongAnswers() {
        SignedRequest prices = SignedRequest.to("ec2", CLOUD.ann())
                .body("Action=DescribeSpotPriceHistory&Version=2016-11-15&InstanceType.1=m7g.large");

        assertNull(CLOUD.respond(prices.sign()).headers().get("content-encoding"));
        assertEquals(
                "gzip",
                CLOUD.respond(prices.header("Accept-Encoding", "gzip").sign())
                        .headers()
                        .get("content-encoding"));
    }

    @Test
    void filtersPrices() {
        Answer byParameters = prices("ProductDescription.1", "Linux/UNIX", "AvailabilityZone", "us-east-1a");
        Answer byFilters = prices(
                "Filter.1.Name", "product-description",
                "Filter.1.Value.1", "Linux/UNIX",
                "Filter.2.Name", "availability-zone",
                "Filter.2.Value.1", "us-east-1a");

        assertEquals(items(byParameters), items(byFilters));
        assertEquals(List.of("Linux/UNIX"), values(byFilters, "productDescription"));
        assertEquals(List.of("us-east-1a"), values(byFilters, "availabilityZone"));
        assertEquals(List.of("m7g.large"), values(byFilters, "instanceType"));
        assertEquals("NotInLocalCloud", prices("Filter.1.Name", "colour").element("Code"));
    }

    @Test
    void pagesAddUpToWholeAnswer() {
        List<String> whole = items(prices("StartTime", "2026-03-01T00:00:00Z", "AvailabilityZone", "us-east-1a"));
        List<String> paged = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = "";
        do {
            Answer page = token.isEmpty()
                    ? prices("StartTime", "2026-03-01T00:00:00Z", "AvailabilityZone", "us-east-1a", "MaxResults", "5")
                    : prices(
                            "StartTime", "2026-03-01T00:00:00Z",
                            "AvailabilityZone", "us-east-1a",
                            "MaxResults", "5",
                            "NextToken", token);
            paged.addAll(items(page));
            sizes.add(items(page).size());
            token = page.element("nextToken");
        } while (!token.isEmpty());

        assertTrue(whole.size() > 25, whole.size() + " prices");
        assertEquals(whole, paged);
        assertTrue(sizes.contains(0), sizes::toString);
        assertTrue(sizes.getLast() > 0, sizes::toString);
    }

    @Test
    void historyReachesNinetyDays() {
        Answer before = prices("StartTime", "2025-01-01T00:00:00Z", "EndTime", "2025-01-02T00:00:00Z");
        Answer all = prices("ProductDescription.1", "Linux/UNIX", "AvailabilityZone", "us-east-1a");

        assertEquals(List.of(), items(before));
        String oldest = values(all, "timestamp").getLast();
        assertTrue(oldest.compareTo("2025-12-03") > 0 && oldest.compareTo("2025-12-05") < 0, oldest);
    }

    @Test
    void dryRunReportsSuccess() {
        Answer answer = prices("DryRun", "true");

        assertEquals(412, answer.status());
        assertEquals("DryRunOperation", answer.element("Code"));
    }

    @Test
    void filtersTypesByEncryptionSupport() {
        Answer answer = CLOUD.query(
                "ec2",
                "Action",
                "DescribeInstanceTypes",
                "InstanceType.1",
                "m1.small",
                "InstanceType.2",
                "m7g.large",
                "Filter.1.Name",
                "ebs-info.encryption-support",
                "Filter.1.Value.1",
                "unsupported");

        assertEquals("m1.small", answer.element("instanceType"));
        assertEquals("unsupported", answer.element("encryptionSupport"));
        assertFalse(answer.text().contains("m7g.large"), answer.text());
    }

    private static Answer types(String filter, String value, String... types) {
        List<String> parameters = new ArrayList<>(
                List.of("Action", "DescribeInstanceTypes", "Filter.1.Name", filter, "Filter.1.Value.1", value));
        for (int i = 0; i < types.length; i++) {
            parameters.add("InstanceType." + (i + 1));
            parameters.add(types[i]);
        }
        return CLOUD.query("ec2", parameters.toArray(String[]::new));
    }

    private static List<String> found(Answer answer) {
        return TYPE.matcher(answer.text())
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void describesDevicesOfTypes() {
        Answer whole = types("instance-type", "g5.12xlarge");
        Answer part = types("instance-type", "g6f.2xlarge");
        Answer neuron = types("instance-type", "inf2.24xlarge");

        assertTrue(
                whole.text()
                        .contains(
                                "<gpuInfo><gpus><item><name>A10G</name><manufacturer>NVIDIA</manufacturer><count>4"
                                        + "</count><logicalGpuCount>4</logicalGpuCount><gpuPartitionSize>1.0</gpuPartitionSize>"),
                whole.text());
        assertEquals("91552", whole.element("totalGpuMemoryInMiB"));
        assertEquals("3800", whole.element("totalSizeInGB"));
        assertEquals("0", part.element("count"));
        assertEquals("1", part.element("logicalGpuCount"));
        assertEquals("0.25", part.element("gpuPartitionSize"));
        assertEquals("5722", part.element("totalGpuMemoryInMiB"));
        assertEquals("196608", neuron.element("totalNeuronDeviceMemoryInMiB"));
        assertFalse(neuron.text().contains("gpuInfo"), neuron.text());
        assertFalse(neuron.text().contains("instanceStorageInfo"), neuron.text());
    }

    @Test
    void filtersTypesByHardware() {
        String[] types = {"t3.large", "m7gd.large", "m7g.large"};

        assertEquals(List.of("t3.large"), found(types("burstable-performance-supported", "true", types)));
        assertEquals(List.of("m7gd.large"), found(types("instance-storage-supported", "true", types)));
        assertEquals(List.of("m7gd.large"), found(types("instance-storage-info.total-size-in-gb", "118", types)));
        assertEquals("NotInLocalCloud", types("gpu-info.gpus.name", "T4", types).element("Code"));
    }

    @Test
    void rejectsEncryptedVolumeForOldTypes() {
        Answer answer = launch(
                "m1.small",
                "us-east-1a",
                "BlockDeviceMapping.1.DeviceName",
                "/dev/xvda",
                "BlockDeviceMapping.1.Ebs.Encrypted",
                "true");

        assertEquals(400, answer.status());
        assertEquals("EncryptedVolumesNotSupported", answer.element("Code"));
    }

    @Test
    void rejectsZoneWithoutDefaultSubnet() {
        Answer answer = launch("m5.large", "us-east-1e");

        assertEquals(400, answer.status());
        assertEquals("InvalidInput", answer.element("Code"));
        // The function recognizes this error by its message.
        assertTrue(answer.element("Message").startsWith("No default subnet for availability zone"), answer.text());
    }

    private static Answer launch(String type, String zone, String... parameters) {
        return CLOUD.query(
                "ec2",
                Stream.concat(
                                Stream.of(
                                        "Action",
                                        "RunInstances",
                                        "ImageId",
                                        CLOUD.images.id("us-east-1", "al2023-x86_64"),
                                        "InstanceType",
                                        type,
                                        "Placement.AvailabilityZone",
                                        zone,
                                        "MinCount",
                                        "1",
                                        "MaxCount",
                                        "1"),
                                Arrays.stream(parameters))
                        .toArray(String[]::new));
    }

    @Test
    void rejectsUnknownToken() {
        assertEquals("InvalidNextToken", prices("NextToken", "made up").element("Code"));
    }
}
