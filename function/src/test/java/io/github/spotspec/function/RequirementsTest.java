package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeCatalog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which types meet requirements for GPUs, Neuron devices, local storage, burstable performance and names. */
final class RequirementsTest {
    private static final String LAUNCH = "'task':'launch','ami':'ami-0123456789abcdef0'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    RequirementsTest() {
        FakeCatalog catalog = function.ec2().catalog();
        catalog.type("g4dn.xlarge", 4, 16, "x86_64").gpus("g4dn.xlarge", "T4", 1);
        catalog.type("g4dn.metal", 96, 384, "x86_64").gpus("g4dn.metal", "T4", 8);
        catalog.type("g5.xlarge", 4, 16, "x86_64").gpus("g5.xlarge", "A10G", 1);
        catalog.type("p5.48xlarge", 192, 2_048, "x86_64").gpus("p5.48xlarge", "H100", 8);
        catalog.type("g6f.large", 2, 8, "x86_64").partOfGpu("g6f.large", "L4", "0.125");
        catalog.type("inf2.xlarge", 4, 16, "x86_64").neuronDevices("inf2.xlarge", 1);
        catalog.type("trn1.32xlarge", 128, 512, "x86_64").neuronDevices("trn1.32xlarge", 16);
        catalog.type("m7gd.large", 2, 8, "arm64").localStorage("m7gd.large", 118);
        catalog.type("c7gd.xlarge", 4, 8, "arm64").localStorage("c7gd.xlarge", 237);
        catalog.type("t3.large", 2, 8, "x86_64").burstable("t3.large");
        catalog.type("t4g.large", 2, 8, "arm64").burstable("t4g.large");
        catalog.localStorage("g4dn.xlarge", 125)
                .localStorage("g4dn.metal", 1_800)
                .localStorage("g5.xlarge", 250)
                .localStorage("p5.48xlarge", 30_400)
                .localStorage("g6f.large", 100)
                .localStorage("trn1.32xlarge", 7_600);
    }

    private String pricedTypes() {
        return String.join(
                " ", function.aws().calls("DescribeSpotPriceHistory").getFirst().list("InstanceType"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'gpus':1 | g4dn.xlarge g5.xlarge",
                "'gpus':'2-8' | g4dn.metal p5.48xlarge",
                "'gpus':'9-' | ",
                "'gpus':'0.1-0.9' | ",
                "'gpuModel':'T4' | g4dn.metal g4dn.xlarge",
                "'gpuModel':['a10g','h100','K80'] | g5.xlarge p5.48xlarge",
                "'gpuModel':'A10' | ",
                "'gpuModel':'L4' | g6f.large",
                "'gpuModel':'L4','gpus':'0.1-1' | ",
                "'gpuModel':'T4','gpus':'8-' | g4dn.metal",
                "'gpuModel':'T4','vcpu':4,'memoryGiB':16,'architecture':'x86_64' | g4dn.xlarge",
                "'neuronDevices':1 | inf2.xlarge",
                "'neuronDevices':'1-16' | inf2.xlarge trn1.32xlarge",
                "'neuronDevices':'17-' | ",
                "'localStorageGB':118 | m7gd.large",
                "'localStorageGB':'118.5-125' | g4dn.xlarge",
                "'localStorageGB':'100-237' | c7gd.xlarge g4dn.xlarge g6f.large m7gd.large",
                "'localStorageGB':'100-1800' | c7gd.xlarge g4dn.metal g4dn.xlarge g5.xlarge g6f.large m7gd.large",
                "'localStorageGB':'7600-' | p5.48xlarge trn1.32xlarge",
                "'burstable':true | t3.large t4g.large",
                "'burstable':'false','vcpu':2 | g6f.large m7gd.large",
                "'exclude':'*' | ",
                "'vcpu':2,'exclude':'t*' | g6f.large m7gd.large",
                "'exclude':['*.large','*.xlarge','?5.*'] | g4dn.metal trn1.32xlarge",
                "'gpuModel':'T4','exclude':['*.metal','t*'] | g4dn.xlarge"
            },
            quoteCharacter = '`')
    void findsTypesThatMeetRequirements(String requirements, @Nullable String types) {
        FunctionUnderTest.Answer answer = function.send("{'task':'price'," + requirements + "}");

        if (types == null) {
            assertEquals("InvalidRequest", answer.error());
        } else {
            assertEquals(200, answer.status(), answer.body());
            assertEquals(types, pricedTypes());
        }
    }

    @Test
    void letsEc2FilterWhatItCan() {
        function.send("{'task':'price','burstable':false,'localStorageGB':'100-130','gpus':1,'exclude':'t*'}");
        function.send("{'task':'price','localStorageGB':'100-'}");

        List<AwsCall> calls = function.aws().calls("DescribeInstanceTypes");
        AwsCall first = calls.getFirst();
        assertEquals(List.of("false"), first.filter("burstable-performance-supported"));
        List<String> sizes = first.filter("instance-storage-info.total-size-in-gb");
        assertTrue(sizes != null && sizes.size() == 31 && sizes.contains("118"), String.valueOf(sizes));
        assertNull(calls.getLast().filter("burstable-performance-supported"));
        assertNull(calls.getLast().filter("instance-storage-info.total-size-in-gb"));
        assertEquals(List.of("true"), calls.getLast().filter("instance-storage-supported"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'gpus':1",
                "'gpuModel':'T4'",
                "'neuronDevices':1",
                "'localStorageGB':'1-'",
                "'burstable':true",
                "'burstable':false"
            })
    void matchesNoTypeWithoutInformation(String requirement) {
        function.aws()
                .always(
                        "DescribeInstanceTypes",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<instanceTypeSet><item><instanceType>a1.large</instanceType></item><item>"
                                        + "<instanceType>a1.xlarge</instanceType><gpuInfo><gpus><item/></gpus></gpuInfo>"
                                        + "<neuronInfo><neuronDevices><item/></neuronDevices></neuronInfo>"
                                        + "<instanceStorageInfo/></item></instanceTypeSet>"));

        assertEquals(
                "InvalidRequest",
                function.send("{'task':'price'," + requirement + "}").error());
    }

    @Test
    void countsNoGpusIfOneNumberIsMissing() {
        function.aws()
                .always(
                        "DescribeInstanceTypes",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<instanceTypeSet><item><instanceType>a1.large</instanceType><gpuInfo><gpus><item><name>T4"
                                        + "</name><count>1</count></item><item><name>L4</name></item></gpus></gpuInfo></item>"
                                        + "</instanceTypeSet>"));

        assertEquals(
                "InvalidRequest", function.send("{'task':'price','gpus':1}").error());
        function.send("{'task':'price','gpus':1,'gpuModel':'T4'}");
        assertEquals("a1.large", pricedTypes());
    }

    @Test
    void namesRequirementsThatContradictTypes() {
        FunctionUnderTest.Answer answer = function.send(
                "{'task':'price','types':['g5.xlarge'],'gpuModel':'T4','exclude':['t*'],'burstable':false}");

        assertEquals("InvalidRequest", answer.error());
        for (String field : List.of("'types'", "'gpuModel'", "'exclude'", "'burstable'")) {
            assertTrue(answer.details().contains(field), answer.details());
        }
        assertFalse(answer.details().contains("'vcpu'"), answer.details());
        assertTrue(function.aws().calls().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'gpus':0",
                "'gpus':'one'",
                "'gpus':[1]",
                "'gpuModel':''",
                "'gpuModel':' '",
                "'gpuModel':[]",
                "'gpuModel':['T4',4]",
                "'gpuModel':'T4\\n'",
                "'neuronDevices':'2-1'",
                "'localStorageGB':'100GB'",
                "'localStorageGB':1000001",
                "'burstable':'maybe'",
                "'burstable':1",
                "'exclude':''",
                "'exclude':[]",
                "'exclude':'T3*'",
                "'exclude':'t3*,t4g*'",
                "'exclude':'${*}'",
                "'exclude':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*'"
            })
    void rejectsInvalidRequirement(String requirement) {
        for (String task : List.of("'task':'price'", "'task':'history'", "'task':'score'", LAUNCH)) {
            assertEquals(
                    "InvalidValue",
                    function.send("{" + task + "," + requirement + "}").error(),
                    task);
        }
    }

    @Test
    void launchesCheapestTypeWithGpu() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "g4dn.xlarge", "0.25")
                .price("us-west-2b", "g4dn.xlarge", "0.20")
                .price("us-west-2a", "g4dn.metal", "3.10")
                .price("us-west-2a", "g5.xlarge", "0.10");

        FunctionUnderTest.Answer dryRun = function.send("{" + LAUNCH + ",'gpus':1,'gpuModel':'T4'}");
        FunctionUnderTest.Answer launch =
                function.send("{" + LAUNCH + ",'gpuModel':'T4','exclude':'*.metal','dryRun':false}");

        assertEquals(List.of("g4dn.xlarge us-west-2b", "g4dn.xlarge us-west-2a"), dryRun.pools("candidates"));
        assertEquals(List.of("us-west-2b"), launch.column("AvailabilityZone"), launch.body());
    }

    @Test
    void triesTheSixtyCheapestOfTypesThatAreNotExcluded() {
        for (int i = 10; i < 90; i++) {
            String type = (i < 20 ? "r6g." : "r7g.") + i + "xlarge";
            function.ec2().catalog().type(type, 16, 64, "arm64").price("us-west-2a", type, "0." + i);
        }

        List<String> candidates =
                function.send("{" + LAUNCH + ",'vcpu':16,'exclude':'r6g.*'}").pools("candidates");

        assertEquals(60, candidates.size());
        assertEquals("r7g.20xlarge us-west-2a", candidates.getFirst());
        assertEquals("r7g.79xlarge us-west-2a", candidates.getLast());
    }

    @Test
    void repeatsLaunchWhateverOrderAndCaseOfNames() {
        function.ec2().catalog().price("us-west-2a", "g5.xlarge", "0.30");
        String launch = LAUNCH + ",'dryRun':false,'idempotencyKey':'gpu'";

        FunctionUnderTest.Answer first =
                function.send("{" + launch + ",'gpuModel':['T4','A10G'],'exclude':['t*','*.metal']}");
        FunctionUnderTest.Answer again =
                function.send("{" + launch + ",'gpuModel':['a10g','t4'],'exclude':['*.metal','t*']}");
        FunctionUnderTest.Answer other =
                function.send("{" + launch + ",'gpuModel':['a10g','t4'],'exclude':['*.metal']}");

        assertEquals(List.of("g5.xlarge"), first.column("InstanceType"), first.body());
        assertEquals(first.column("InstanceId"), again.column("InstanceId"));
        assertEquals("IdempotencyConflict", other.error());
    }

    @Test
    void cachesTypesOfEqualRequirements() {
        function.send("{'task':'price','gpuModel':['T4','L4'],'exclude':['t*','*.metal']}");
        function.send("{'task':'price','gpuModel':['l4','t4'],'exclude':['*.metal','t*']}");
        assertEquals(1, function.aws().calls("DescribeInstanceTypes").size());

        function.send("{'task':'price','gpuModel':['l4','t4']}");
        assertEquals(2, function.aws().calls("DescribeInstanceTypes").size());
    }

    @Test
    void selectsTypesOfHistoryAndScores() {
        function.send("{'task':'history','neuronDevices':'1-'}");
        function.send("{'task':'score','gpus':'1-'}");

        assertEquals("inf2.xlarge trn1.32xlarge", pricedTypes());
        assertEquals(
                List.of("g4dn.metal", "g4dn.xlarge", "g5.xlarge", "p5.48xlarge"),
                function.aws().calls("GetSpotPlacementScores").getFirst().list("InstanceType"));
    }
}
