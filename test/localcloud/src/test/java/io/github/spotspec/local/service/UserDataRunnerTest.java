package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ChildProcesses;
import io.github.spotspec.local.UserDataRunner;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.wire.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests what the user data of instances does to them. */
@Timeout(30)
final class UserDataRunnerTest {
    private final SmallCloud cloud = new SmallCloud();
    private final ChildProcesses children = new ChildProcesses();

    @TempDir
    Path folder;

    UserDataRunnerTest() {
        cloud.allow("*", "*");
    }

    @AfterEach
    void stop() {
        children.close();
    }

    private Instance launch(String userData) {
        Instance instance = cloud.launch(
                "m5.large",
                "UserData",
                Base64.getEncoder().encodeToString(userData.getBytes(StandardCharsets.UTF_8)),
                "InstanceInitiatedShutdownBehavior",
                "terminate");
        cloud.later = Duration.ofSeconds(1);
        return instance;
    }

    /** Runs the user data until the instance has ended. */
    private void runUntilEnded(Instance instance) {
        UserDataRunner runner = new UserDataRunner(
                cloud.fleet, () -> SignedRequest.NOW.plusSeconds(1), children, folder.resolve("it's"));
        while (instance.stateReason() == null) {
            runner.tick();
            Thread.onSpinWait();
        }
    }

    @Test
    void showsConsoleAndShutsDown() {
        Instance instance = launch("#!/bin/sh\necho \"one of $#\" >/dev/console\npoweroff\n");

        runUntilEnded(instance);

        assertEquals("Client.InstanceInitiatedShutdown", instance.stateReason());
        assertEquals("one of 0\r\n", console(instance));
    }

    @Test
    void hidesTheEnvironmentOfThisProcess() {
        Instance instance = launch("#!/bin/sh\nenv >/dev/console\npoweroff\n");

        runUntilEnded(instance);

        assertTrue(console(instance).lines().allMatch(line -> line.matches("(PATH|HOME|PWD|OLDPWD|SHLVL|_)=.*")));
    }

    private static String console(Instance instance) {
        return new String(instance.console().output(true, SignedRequest.NOW).bytes(), StandardCharsets.UTF_8);
    }
}
