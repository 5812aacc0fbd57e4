package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The task {@code console}. */
final class ConsoleOutputTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

    private FunctionUnderTest.Answer console(String... ids) {
        return function.send("{'task':'console','instanceIds':['" + String.join("','", ids) + "']}");
    }

    private FunctionUnderTest.Answer console() {
        return console(managed.id());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void returnsDecodedOutputWithTimestamp() {
        managed.consoleOutput(bytes("Grüße\r\n\u001b[31mred\u001b[0m"));

        FunctionUnderTest.Answer answer = console();

        assertEquals("console", answer.event());
        assertEquals("Grüße\r\n\u001b[31mred\u001b[0m", answer.row(0).get("Output"));
        assertEquals("2026-03-01T12:00:00Z", answer.row(0).get("Timestamp"));
        assertEquals(true, answer.row(0).get("Latest"));
        assertEquals("running", answer.row(0).get("State"));
        assertFalse(answer.meta().containsKey("withoutOutput"), answer.body());
    }

    @Test
    void saysThatThereIsNoOutputYet() {
        FunctionUnderTest.Answer answer = console();

        assertEquals("", answer.row(0).get("Output"));
        assertEquals(List.of(managed.id()), answer.meta().get("withoutOutput"));
    }

    @Test
    void fallsBackToPostedOutputWhereTypeHasNoLatest() {
        managed.consoleOutput(bytes("posted")).withoutLatestOutput();

        FunctionUnderTest.Answer answer = console();

        assertEquals("posted", answer.row(0).get("Output"));
        assertEquals(false, answer.row(0).get("Latest"));
        assertEquals(2, function.aws().calls("GetConsoleOutput").size());
        assertTrue(function.aws().calls("GetConsoleOutput").get(1).has("Latest=false"));
    }

    @Test
    void dropsCharactersThatTheWindowCuts() {
        byte[] euro = bytes("€");
        byte[] cut = new byte[] {euro[1], euro[2], 'a', euro[0], euro[1]};

        assertEquals("a", console(managed.consoleOutput(cut).id()).row(0).get("Output"));
        assertEquals(
                "€a€", console(managed.consoleOutput(bytes("€a€")).id()).row(0).get("Output"));
    }

    @Test
    void replacesBytesThatAreNotUtf8() {
        managed.consoleOutput(new byte[] {'a', (byte) 0xff, 'b'});

        assertEquals("a\ufffdb", console().row(0).get("Output"));
    }

    @Test
    void answersWith64KBOfControlCharactersFromTenInstances() {
        byte[] output = new byte[65_536];
        Arrays.fill(output, (byte) 1);
        String[] ids = IntStream.range(0, 10)
                .mapToObj(i -> function.ec2()
                        .managedInstance("us-west-2a", "m7g.large")
                        .consoleOutput(output)
                        .id())
                .toArray(String[]::new);

        assertEquals(200, console(ids).status());
    }

    @Test
    void acceptsAtMostTenIds() {
        String[] ids = IntStream.range(0, 11).mapToObj("i-%08x"::formatted).toArray(String[]::new);

        assertEquals("InvalidValue", console(ids).error());
        assertEquals("MissingField", function.send("{'task':'console'}").error());
    }

    @Test
    void reportsForeignAndUnknownIdsWithoutReadingThem() {
        managed.consoleOutput(bytes("mine"));
        FakeInstance foreign =
                function.ec2().foreignInstance("us-west-2a", "m7g.large").consoleOutput(bytes("not mine"));

        FunctionUnderTest.Answer answer = console(foreign.id(), managed.id(), "i-0badbad0");

        assertEquals(List.of("mine"), answer.column("Output"));
        assertEquals(List.of(foreign.id(), "i-0badbad0"), answer.meta().get("missing"));
        assertEquals(1, function.aws().calls("GetConsoleOutput").size());
        assertEquals("IdNotFound", console(foreign.id()).error());
    }

    @Test
    void reportsInstanceThatIamDenies() {
        FakeInstance other = function.ec2().managedInstance("us-east-1a", "m7g.large");
        managed.consoleOutput(bytes("mine"));
        function.aws().always("GetConsoleOutput", Fault.forId(other.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = console(managed.id(), other.id());

        assertEquals(List.of("mine", "null"), answer.column("Output"));
        assertTrue(answer.body().contains("\"refused\":[{\"id\":\"" + other.id() + "\",\"error\":\"NotAuthorized\""));
        assertEquals("NotAuthorized", console(other.id()).error());
    }

    @Test
    void treatsInstanceThatEc2DoesNotKnowYetAsWithoutOutput() {
        function.aws().next("GetConsoleOutput", Fault.error(400, "InvalidInstanceID.NotFound"));

        assertEquals(List.of(managed.id()), console().meta().get("withoutOutput"));
    }

    @Test
    void readsOutputOfEndedInstance() {
        managed.state("terminated").consoleOutput(bytes("the end"));

        assertEquals("the end", console().row(0).get("Output"));
        assertEquals("terminated", console().row(0).get("State"));
    }

    @Test
    void neverLogsOutput() {
        managed.consoleOutput(bytes("password=hunter2"));

        assertTrue(function.send("{'task':'console','isLogging':true,'instanceIds':['" + managed.id() + "']}")
                .body()
                .contains("hunter2"));
        function.aws()
                .always(
                        "GetConsoleOutput",
                        (call, ec2) -> new io.github.spotspec.function.fake.AwsResponse(
                                200,
                                "<GetConsoleOutputResponse><output>hunter2=x</output></GetConsoleOutputResponse>"));
        assertEquals("Ec2Unavailable", console().error());

        assertFalse(function.log().contains("hunter2"), function.log());
    }
}
