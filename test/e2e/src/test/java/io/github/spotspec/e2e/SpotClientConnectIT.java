package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2instanceconnect.Ec2InstanceConnectClient;
import software.amazon.awssdk.services.ec2instanceconnect.model.Ec2InstanceConnectException;

/**
 * Tests {@code spot ssh} and {@code spot scp} against an SSH server on loopback, which asks the local cloud for the
 * pushed keys.
 */
final class SpotClientConnectIT extends SpotClientBase {
    private static final int SSH_FAILED = 255;
    private static final String USER = System.getProperty("user.name");

    private Server metadata;
    private SshServer ssh;
    private Instance instance;

    SpotClientConnectIT(LocalDeployment service) {
        super(service);
    }

    @BeforeEach
    void start() throws Exception {
        assumeTrue(SshServer.isInstalled(), "sshd is not installed");
        if (service.cloud().stacks().find(LocalDeployment.HOME, ConnectApp.STACK) == null) {
            service.deployOther(ConnectApp::stacks, service.callerArn(), USER);
        }
        instance = launch(ConnectApp.STACK);
        metadata = Server.start(
                null,
                request -> WireResponse.of(
                        200,
                        "text/plain",
                        String.join("\n", activeKeys(request.path().substring(1))) + "\n"));
        ssh = SshServer.start(folder.resolve("sshd"), metadata.url() + "/");
    }

    @AfterEach
    void stop() throws Exception {
        if (ssh != null) {
            ssh.close();
            metadata.close();
        }
    }

    private List<String> activeKeys(String user) {
        return instance.pushedKeys()
                .active(user, service.cloud().state().clock().instant());
    }

    private Instance launch(String stack) throws Exception {
        return service.instances(new SpotUrl(service.output(stack, "Url"), LocalDeployment.HOME)
                        .post(
                                RequestBody.launch("m7g.large")
                                        .with("waitRunning", true)
                                        .toString(),
                                service.caller()))
                .getFirst();
    }

    private SpotClient spot() throws Exception {
        return overLoopback(new SpotClient(folder)
                .with("SPOT_URL", service.output(ConnectApp.STACK, "Url"))
                .signedBy(service.caller()));
    }

    /** Has ssh and scp of a client reach the server on loopback instead of the instance's address. */
    private SpotClient overLoopback(SpotClient spot) throws Exception {
        for (String program : List.of("ssh", "scp")) {
            SpotClient.createCommand(
                    folder, program, """
                    #!/bin/sh
                    # Records the arguments, and the permissions of the key.
                    printf '%%s\\n' "$*" >>'%s'
                    ls -l "$2" | cut -c1-10 >>'%s'
                    exec /usr/bin/%s -F /dev/null -o HostName=127.0.0.1 -o Port=%d "$@"
                    """.formatted(called(), folder.resolve("modes"), program, ssh.port()));
        }
        return spot;
    }

    private Path called() {
        return folder.resolve("ssh-calls");
    }

    private void assertNothingLeft(SpotClient spot) throws Exception {
        assertEquals(List.of(), spot.temporaryFiles());
    }

    @Test
    void runsCommandAndExitsWithItsStatus() throws Exception {
        SpotClient spot = spot();

        SpotClient.Result ran = spot.runWith("typed", "ssh", instance.id(), "--", "cat; echo \" seen\"; exit 3");

        assertEquals(3, ran.status(), ran.err() + Files.readString(folder.resolve("sshd/sshd.log")));
        assertEquals("typed seen\n", ran.out());
        assertNothingLeft(spot);
        String call = Files.readString(called());
        assertTrue(call.contains("HostName=" + publicIp()), call);
        assertTrue(call.contains("User=" + USER), call);
        assertFalse(call.contains("PRIVATE KEY"), call);
        assertEquals("-rw-------\n", Files.readString(folder.resolve("modes")));
        assertTrue(spot.curlCalls().stream().noneMatch(line -> line.contains("ssh-ed25519")), "not an argument");
    }

    private String publicIp() {
        return String.valueOf(instance.publicIp(service.cloud().state().clock().instant()));
    }

    @Test
    void launchesLogsInAndEndsWithTokenAndWithoutAwsKey() throws Exception {
        SpotClient spot = overLoopback(loggedInWithToken("launch,connect,end"));

        SpotClient.Result launched = spot.run("launch", "m7g.large", "--no-dry-run", "--wait-running");
        assertEquals(DONE, launched.status(), launched.err());
        instance = service.alive().getLast();
        SpotClient.Result ran = spot.run("ssh", instance.id(), "--", "exit 3");
        assertEquals(3, ran.status(), ran.err());
        assertEquals(DONE, spot.run("end", instance.id()).status());

        assertFalse(service.alive().contains(instance));
        SpotClient.Result listed = spot.run("ls");
        assertEquals(REFUSED, listed.status(), "the token does not cover this task");
    }

    @Test
    void iamDeniesKeysThatTheServiceWouldNotPush() throws Exception {
        Instance foreign = launch("Spotspec");
        AccessKey operator = OperatorSecretFormat.parse(service.secret(ConnectApp.STACK));
        try (Ec2InstanceConnectClient client = service.client(
                        Ec2InstanceConnectClient.builder(), LocalDeployment.HOME, operator)
                .build()) {
            push(client, instance, USER);

            for (Executable denied :
                    List.<Executable>of(() -> push(client, foreign, USER), () -> push(client, instance, "nobody"))) {
                Ec2InstanceConnectException denial = assertThrows(Ec2InstanceConnectException.class, denied);
                assertEquals("AccessDeniedException", denial.awsErrorDetails().errorCode());
            }
        }
        assertEquals(1, activeKeys(USER).size());
        assertEquals(List.of(), activeKeys("nobody"));
    }

    private static void push(Ec2InstanceConnectClient client, Instance instance, String user) {
        client.sendSSHPublicKey(request -> request.instanceId(instance.id())
                .instanceOSUser(user)
                .sshPublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGKZ1C7rVFGmLsIuPQvxm9VLHd0DQyF9HTmQhkJzH2o"));
    }

    @Test
    void eachConnectionHasItsOwnKey() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertEquals(DONE, spot().run("ssh", instance.id(), "--", "true").status());
        }

        assertEquals(2, activeKeys(USER).stream().distinct().count());
    }

    @Test
    void rejectsChangedHostKeyOfSameInstance() throws Exception {
        SpotClient spot = spot();
        assertEquals(DONE, spot.run("ssh", instance.id(), "--", "true").status());
        Path known = folder.resolve(".cache/spotspec/known_hosts");
        assertTrue(Files.readString(known).startsWith(instance.id() + " "), Files.readString(known));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(known.resolveSibling("."))));

        assertEquals(DONE, spot.run("logout", "--all").status());
        ssh.close();
        ssh = SshServer.start(folder.resolve("sshd2"), metadata.url() + "/");

        assertEquals(SSH_FAILED, spot().run("ssh", instance.id(), "--", "true").status());
    }

    @Test
    void copiesFilesBothWays() throws Exception {
        SpotClient spot = spot();
        Path source = Files.writeString(folder.resolve("a file, with commas"), "content");
        Path there = folder.resolve("there");
        Path back = folder.resolve("back");

        SpotClient.Result up = spot.run("scp", source.toString(), instance.id() + ":" + there);
        assertEquals(DONE, up.status(), up.err());
        SpotClient.Result down = spot.run("scp", "--", instance.id() + ":" + there, back.toString());

        assertEquals(DONE, down.status(), down.err());
        assertEquals("content", Files.readString(back));
        assertNothingLeft(spot);
    }

    @Test
    void cannotLogInAsOtherUser() throws Exception {
        SpotClient.Result ran = spot().run("ssh", instance.id(), "--user", "nobody", "--", "true");

        assertEquals(REFUSED, ran.status(), ran.err());
        assertTrue(ran.err().startsWith("OsUserNotAllowed: "), ran.err());
        assertFalse(Files.exists(called()), "ssh must not run");
    }

    @Test
    @Tag("long")
    void cannotLogInToInstanceOfOtherDeployment() throws Exception {
        Instance foreign = launch("Spotspec");
        SpotClient spot = spot();

        SpotClient.Result ran = spot.run("ssh", foreign.id(), "--", "true");

        assertEquals(REFUSED, ran.status(), ran.err());
        assertTrue(ran.err().startsWith("IdNotFound: "), ran.err());
        assertNothingLeft(spot);
    }

    @Test
    void serverRejectsKeyThatWasNotPushed() throws Exception {
        // The same connection after the key has expired.
        SpotClient spot = spot();
        SpotClient.createCommand(
                folder, "ssh", """
                #!/bin/sh
                ssh-keygen -q -t ed25519 -N '' -f '%s'
                exec /usr/bin/ssh -F /dev/null -i '%s' -o HostName=127.0.0.1 -o Port=%d -o IdentitiesOnly=yes \
                  -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null -o BatchMode=yes i-1 true
                """.formatted(folder.resolve("other"), folder.resolve("other"), ssh.port()));

        SpotClient.Result ran = spot.run("ssh", instance.id(), "--", "true");

        assertEquals(SSH_FAILED, ran.status(), ran.out());
        assertTrue(ran.err().contains("Permission denied"), ran.err());
        assertTrue(ran.err().contains("docs/connect.md"), ran.err());
    }

    @Test
    void deletesKeyWhenInterrupted() throws Exception {
        SpotClient spot = spot();
        SpotClient.createCommand(folder, "ssh", """
                #!/bin/sh
                : >'%s'
                exec sleep 60
                """.formatted(folder.resolve("started")));

        SpotClient.Result ran = spot.interrupt(folder.resolve("started"), "ssh", instance.id());

        assertTrue(ran.status() != DONE, ran.err());
        assertNothingLeft(spot);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssh",
                "ssh -- ls",
                "ssh -oProxyCommand=x",
                "ssh i-1,i-2 -- ls",
                "scp a b",
                "scp i-1:a",
                "scp i-1:a i-2:b"
            })
    void rejectsWrongUsage(String command) throws Exception {
        SpotClient.Result ran = spot().run(Stream.of(command.split(" ")).toArray(String[]::new));

        assertEquals(USAGE, ran.status(), ran.err());
    }
}
