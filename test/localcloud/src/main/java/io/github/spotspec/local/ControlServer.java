package io.github.spotspec.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.state.Topics;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The endpoint on loopback through which other processes of the same user reach a running {@code ./local}.
 *
 * <ul>
 *   <li>{@code POST /keeper} runs the keeper, and returns the messages that were published to topics meanwhile. It
 *       needs a random token, which only a file of the same user contains.
 *   <li>{@code GET /instances/ID/keys/USER} returns the keys that EC2 Instance Connect pushed, as the instance's
 *       metadata does on EC2. It needs no token, because the keys are public.
 * </ul>
 */
final class ControlServer implements AutoCloseable {
    static final String FILE = "control.json";

    private static final Pattern KEYS = Pattern.compile("/instances/(i-[0-9a-f]+)/keys/([A-Za-z0-9._-]+)");
    private static final int TOKEN_BYTES = 32;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Server server;
    private final byte[] authorization;
    private final InstanceStore instances;
    private final InstantSource clock;
    private final Supplier<KeeperRun> keeper;

    /**
     * The result of running the keeper.
     *
     * @param succeeded whether the function succeeded
     * @param messages the messages that were published to topics meanwhile
     */
    record KeeperRun(boolean succeeded, List<Topics.Message> messages) {
        KeeperRun {
            messages = List.copyOf(messages);
        }
    }

    private ControlServer(String token, InstanceStore instances, InstantSource clock, Supplier<KeeperRun> keeper)
            throws IOException {
        this.authorization = bytes("Bearer " + token);
        this.instances = instances;
        this.clock = clock;
        this.keeper = keeper;
        this.server = Server.start(null, this::answer);
    }

    /**
     * Starts an endpoint, and writes the file with which other processes find it.
     *
     * @param service the URL of the service, which distinguishes running services
     * @param folder the folder of this run
     */
    static ControlServer start(
            String service, Path folder, InstanceStore instances, InstantSource clock, Supplier<KeeperRun> keeper)
            throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        ControlServer control = new ControlServer(token, instances, clock, keeper);
        RunFile.write(
                folder,
                FILE,
                JSON.createObjectNode()
                        .put("service", service)
                        .put("url", control.url())
                        .put("token", token));
        return control;
    }

    /** Returns the URL without a path. */
    String url() {
        return server.url();
    }

    @Override
    public void close() {
        server.close();
    }

    private WireResponse answer(WireRequest request) {
        Matcher keys = KEYS.matcher(request.path());
        if (request.method().equals("GET") && keys.matches()) {
            return keys(keys.group(1), keys.group(2));
        }
        String given = request.header("authorization");
        if (given == null || !MessageDigest.isEqual(authorization, bytes(given))) {
            return WireResponse.empty(401);
        }
        return request.method().equals("POST") && request.path().equals("/keeper")
                ? runKeeper()
                : WireResponse.empty(404);
    }

    /** An instance that does not run has no keys. */
    private WireResponse keys(String id, String user) {
        return instances.all().stream()
                .filter(instance -> instance.id().equals(id))
                .filter(instance -> instance.state(clock.instant()) == Instance.State.RUNNING)
                .findFirst()
                .map(instance -> WireResponse.of(
                        200,
                        "text/plain",
                        String.join("\n", instance.pushedKeys().active(user, clock.instant())) + "\n"))
                .orElse(WireResponse.empty(404));
    }

    private WireResponse runKeeper() {
        KeeperRun run = keeper.get();
        ObjectNode answer = JSON.createObjectNode().put("succeeded", run.succeeded());
        ArrayNode messages = answer.putArray("messages");
        for (Topics.Message message : run.messages()) {
            messages.addObject()
                    .put("event", message.attributes().getOrDefault("event", ""))
                    .put("subject", message.subject())
                    .put("text", message.text());
        }
        return WireResponse.of(200, "application/json", answer.toString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
