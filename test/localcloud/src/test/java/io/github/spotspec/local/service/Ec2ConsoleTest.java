package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Tests GetConsoleOutput. */
final class Ec2ConsoleTest {
    private final SmallCloud cloud = new SmallCloud();

    Ec2ConsoleTest() {
        cloud.allow("*", "*");
    }

    private Answer output(Instance instance, String latest) {
        return cloud.query("ec2", "Action", "GetConsoleOutput", "InstanceId", instance.id(), "Latest", latest);
    }

    private static String text(Answer answer) {
        return new String(Base64.getDecoder().decode(answer.element("output")), StandardCharsets.UTF_8);
    }

    @Test
    void latestShowsWhatWasWrittenLast() {
        Instance instance = cloud.launch("m5.large");

        assertTrue(output(instance, "true").element("output").startsWith("no output"));
        instance.console().write("one\n");
        instance.console().write("two\n");

        assertEquals("one\ntwo\n", text(output(instance, "true")));
    }

    @Test
    void withoutLatestShowsOnlyWhatWasPosted() {
        Instance instance = cloud.launch("m5.large");
        instance.console().write("boot\n");

        assertTrue(output(instance, "false").element("output").startsWith("no output"), "before the first post");
        cloud.later = Duration.ofMinutes(5);
        assertEquals("boot\n", text(output(instance, "false")));

        instance.console().write("later\n");
        assertEquals("boot\n", text(output(instance, "false")));

        cloud.query("ec2", "Action", "TerminateInstances", "InstanceId.1", instance.id());
        assertEquals("boot\nlater\n", text(output(instance, "false")), "posted at the end");
    }

    @Test
    void keepsNewest64KB() {
        Instance instance = cloud.launch("m5.large");

        instance.console().write("first\n" + "x".repeat(65_536));

        assertEquals("x".repeat(65_536), text(output(instance, "true")));
    }

    @Test
    void rejectsLatestOnXen() {
        Instance instance = cloud.launch("t2.micro");

        assertEquals("UnsupportedOperation", output(instance, "true").element("Code"));
        assertEquals(200, output(instance, "false").status());
    }

    @Test
    void rejectsUnknownInstanceAndHonorsDryRun() {
        assertEquals(
                "InvalidInstanceID.NotFound",
                cloud.query("ec2", "Action", "GetConsoleOutput", "InstanceId", "i-0badbadbadbadbad0")
                        .element("Code"));
        assertEquals(
                "DryRunOperation",
                cloud.query(
                                "ec2",
                                "Action",
                                "GetConsoleOutput",
                                "DryRun",
                                "true",
                                "InstanceId",
                                cloud.launch("m5.large").id())
                        .element("Code"));
    }

    @Test
    void authorizesByTagOfInstance() {
        Instance instance = cloud.launch("m5.large");
        cloud.put(
                "Deny",
                "{\"Effect\":\"Deny\",\"Action\":\"ec2:GetConsoleOutput\",\"Resource\":\"arn:aws:ec2:*:*:instance/*\","
                        + "\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/team\":\"red\"}}}");

        assertEquals("UnauthorizedOperation", output(instance, "true").element("Code"));
    }
}
