package io.github.spotspec.bench;

import java.io.IOException;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link MicroBenchmarks} in a warm JVM. Each value is the mean of an iteration. */
final class MicroBenchmarkRunner implements Measurement {
    private static final int WARM_UPS = 10;
    private static final TimeValue ITERATION = TimeValue.milliseconds(500);

    @Override
    public void measure(int runs, Table table) throws IOException {
        try {
            for (RunResult result : new Runner(new OptionsBuilder()
                            .include(MicroBenchmarks.class.getName())
                            .forks(1)
                            .jvmArgs("-XX:+UseSerialGC")
                            .warmupIterations(WARM_UPS)
                            .warmupTime(ITERATION)
                            .measurementIterations(runs)
                            .measurementTime(ITERATION)
                            .shouldFailOnError(true)
                            .verbosity(VerboseMode.SILENT)
                            .build())
                    .run()) {
                result.getBenchmarkResults().stream()
                        .flatMap(fork -> fork.getIterationResults().stream())
                        .map(IterationResult::getPrimaryResult)
                        .forEach(value ->
                                table.add("in memory, " + value.getLabel(), Contestants.OWN, "µs", value.getScore()));
            }
        } catch (RunnerException e) {
            throw new IOException("JMH failed", e);
        }
    }
}
