package io.github.spotspec.local;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the user data of instances as processes on this computer, as cloud-init does on an instance: scripts only, once
 * for each instance. Whatever a script writes to {@code /dev/console} is the instance's console output, and
 * {@code poweroff} and {@code shutdown} shut the instance down. Nothing else is isolated: the scripts run as the
 * current user. Not thread-safe.
 */
public final class UserDataRunner {
    private static final String CONSOLE = "/dev/console";

    /** Records that the script shut the instance down. Its own folder is the first on the PATH of the script. */
    private static final String POWER_OFF = "#!/bin/sh\n: >\"$(dirname \"$0\")/off\"\n";

    private final InstanceStore instances;
    private final InstantSource clock;
    private final ChildProcesses children;
    private final Path folder;
    private final Map<String, Box> boxes = new HashMap<>();

    /**
     * Creates a runner.
     *
     * @param folder where the scripts and their output are
     */
    public UserDataRunner(InstanceStore instances, InstantSource clock, ChildProcesses children, Path folder) {
        this.instances = instances;
        this.clock = clock;
        this.children = children;
        this.folder = folder;
    }

    /** What runs for an instance. */
    private static final class Box {
        private final Process process;
        private final Path console;
        private final Path off;
        private long shown;

        private Box(Process process, Path console, Path off) {
            this.process = process;
            this.console = console;
            this.off = off;
        }
    }

    /** Starts the scripts of new instances, passes on what the scripts wrote, and follows changes of state. */
    public void tick() {
        try {
            for (Instance instance : instances.all()) {
                Box box = boxes.get(instance.id());
                boolean running = instance.state(clock.instant()) == Instance.State.RUNNING;
                if (box != null) {
                    follow(instance, box, running);
                } else if (running) {
                    String script = script(instance);
                    if (script.startsWith("#!")) {
                        boxes.put(instance.id(), start(instance.id(), script));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String script(Instance instance) {
        String userData = instance.launchSpecification().options().userData();
        return userData == null ? "" : new String(Base64.getDecoder().decode(userData), StandardCharsets.UTF_8);
    }

    private Box start(String id, String script) throws IOException {
        Path home = Files.createDirectories(folder.resolve(id));
        Path commands = Files.createDirectory(home.resolve("bin"));
        for (String name : List.of("poweroff", "shutdown")) {
            ShellScript.write(commands.resolve(name), POWER_OFF);
        }
        Path console = Files.createFile(home.resolve("console"));
        Path file = ShellScript.write(home.resolve("user-data"), script.replace(CONSOLE, ShellScript.quoted(console)));
        ProcessBuilder builder = new ProcessBuilder(file.toString())
                .directory(home.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        // The script must not see the caller's credentials.
        builder.environment().clear();
        builder.environment().put("PATH", commands + ":" + System.getenv("PATH"));
        builder.environment().put("HOME", home.toString());
        return new Box(children.start(builder), console, commands.resolve("off"));
    }

    private void follow(Instance instance, Box box, boolean running) throws IOException {
        boolean off = Files.exists(box.off);
        try (RandomAccessFile file = new RandomAccessFile(box.console.toFile(), "r")) {
            byte[] written = new byte[(int) (file.length() - box.shown)];
            file.seek(box.shown);
            file.readFully(written);
            box.shown += written.length;
            // A terminal begins new lines with a carriage return.
            instance.console()
                    .write(new String(written, StandardCharsets.ISO_8859_1)
                            .replace("\n", "\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
        }
        if (running && off) {
            instances.shutDown(instance);
        }
        if (!running || off) {
            box.process.descendants().forEach(ProcessHandle::destroyForcibly);
            box.process.destroyForcibly();
        }
    }
}
