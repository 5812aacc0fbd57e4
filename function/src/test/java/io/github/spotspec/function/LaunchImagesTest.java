package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeCatalog;
import io.github.spotspec.function.fake.Fault;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests launches from images that are given by short names. */
final class LaunchImagesTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    LaunchImagesTest() {
        function.ec2()
                .catalog()
                .type("m7g.large", 2, 8, "arm64")
                .type("m7i.large", 2, 8, "x86_64")
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2a", "m7i.large", "0.02")
                .price("us-west-2a", "m7i.large", "Windows", "0.05")
                .price("us-east-1a", "m7g.large", "0.01");
    }

    private static List<String> images(FunctionUnderTest.Answer answer) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get("candidates")))
                .stream()
                        .map(pool -> ((Map<?, ?>) pool).get("InstanceType") + " " + ((Map<?, ?>) pool).get("ImageId"))
                        .toList();
    }

    @Test
    void typeIsACompleteRequest() {
        FunctionUnderTest.Answer answer = function.send("{'task':'launch','types':'m7g.large','dryRun':false}");

        assertEquals(List.of("us-west-2a"), answer.column("AvailabilityZone"), answer.body());
        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("ImageId=" + FakeCatalog.AL2023_ARM64), call.form());
    }

    @Test
    void mixesArchitecturesWithTheImageOfEach() {
        List<String> both = List.of("m7i.large " + FakeCatalog.AL2023_X86_64, "m7g.large " + FakeCatalog.AL2023_ARM64);

        assertEquals(both, images(function.send("{'task':'launch','types':['m7g.large','m7i.large']}")));
        assertEquals(both, images(function.send("{'task':'launch','vcpu':2,'ami':'al2023'}")));
    }

    @Test
    void launchesNextArchitectureWithItsImage() {
        function.aws().next("RunInstances", Fault.error(500, "InsufficientInstanceCapacity"));

        function.send("{'task':'launch','types':['m7g.large','m7i.large'],'dryRun':false}");

        List<AwsCall> calls = function.aws().calls("RunInstances");
        assertTrue(calls.getFirst().has("ImageId=" + FakeCatalog.AL2023_X86_64));
        assertTrue(calls.getLast().has("ImageId=" + FakeCatalog.AL2023_ARM64));
    }

    @Test
    void resolvesImageInEachRegion() {
        function.send("{'task':'launch','types':'m7g.large','regions':'all'}");

        assertEquals(2, function.aws().parameters().reads());
    }

    @Test
    void ranksByPriceOfTheImagesProduct() {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'launch','types':'m7i.large','ami':'windows-2025','dryRun':false}");

        assertEquals(List.of("0.05"), answer.column("SpotPrice"), answer.body());
    }

    @Test
    void rejectsTypeWhoseArchitectureTheImageLacks() {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'launch','types':['m7i.large','m7g.large'],'ami':'windows-2025'}");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("m7g.large"), answer.details());
    }

    @Test
    void takesOnlyTypesThatTheImageHasAnArchitectureFor() {
        assertEquals(
                List.of("m7i.large " + FakeCatalog.WINDOWS_2025),
                images(function.send("{'task':'launch','vcpu':2,'ami':'windows-2025'}")));
        assertEquals(
                "TypeNotAllowed",
                function.send("{'task':'launch','vcpu':2,'architecture':'arm64','ami':'windows-2025'}")
                        .error());
    }

    @Test
    void reportsUnknownTypes() {
        function.ec2().catalog().withoutType("us-west-2", "m99.large");

        assertEquals(
                "UnknownType",
                function.send("{'task':'launch','types':'m99.large'}").error());
        FunctionUnderTest.Answer answer = function.send("{'task':'launch','types':['m99.large','m7g.large']}");
        assertEquals(List.of("m99.large"), answer.meta().get("unknownTypes"), answer.body());
    }

    @Test
    void readsArchitectureOfTypeOnce() {
        function.send("{'task':'launch','types':'m7g.large'}");
        function.send("{'task':'launch','types':'m7g.large'}");

        assertEquals(1, function.aws().calls("DescribeInstanceTypes").size());
    }

    @Test
    void rejectsUnknownShortName() {
        assertEquals(
                "InvalidValue",
                function.send("{'task':'launch','types':'m7g.large','ami':'al2024'}")
                        .error());
    }
}
