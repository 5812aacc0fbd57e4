package io.github.spotspec.local;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tracks the processes that this process has started and that must not outlive it. Thread-safe. */
public final class ChildProcesses implements AutoCloseable {
    private final List<Process> running = new ArrayList<>();
    private boolean closed;

    /** Starts a process. */
    public synchronized Process start(ProcessBuilder builder) throws IOException {
        if (closed) {
            throw new IOException("everything is being stopped");
        }
        Process process = builder.start();
        running.removeIf(one -> !one.isAlive());
        running.add(process);
        return process;
    }

    /** Ends every process and its descendants, by force if they do not end within a second. */
    @Override
    public synchronized void close() {
        closed = true;
        List<ProcessHandle> all = new ArrayList<>();
        for (Process process : running) {
            process.descendants().forEach(all::add);
            all.add(process.toHandle());
        }
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle handle : all) {
            try {
                handle.onExit().get(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                handle.destroyForcibly();
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                handle.destroyForcibly();
            }
        }
    }
}
