package io.github.spotspec.bench;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.caller.Authenticator;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.http.FunctionUrlHandler;
import io.github.spotspec.function.priming.StubContext;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.ServiceClock;
import io.github.spotspec.function.task.PriceTask;
import io.github.spotspec.function.task.Task;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Measures the parts of a request that make no calls. JMH runs it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MicroBenchmarks {
    private static final int ROWS = 1_000;
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private final BenchmarkRequest question = BenchmarkRequest.price("m7g.large", "Linux/UNIX");
    private final byte[] event = question.event();
    private final SdkHttpClient page = new OnePage();
    private final Ec2Clients ec2 = new Ec2Clients(page);
    private final SpotPrices prices = new SpotPrices(ec2);
    private final PriceTask task = new PriceTask(
            new AllowedRegions(List.of(BenchmarkAccount.HOME)),
            new InstanceTypes(ec2),
            prices,
            new OnDemandPrices(page),
            new PlacementScores(ec2),
            false);
    private final SpotPrices.Query query = new SpotPrices.Query(List.of(), List.of(), List.of(), false);
    private final AwsCallContext callContext = new AwsCallContext(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "nothing")),
            false,
            null,
            new Deadline(Instant.now().plus(Duration.ofDays(1)), ServiceClock.system()));
    private final FunctionUrlHandler edge = new FunctionUrlHandler(
            Authenticator.iam(),
            new OneAnswer(),
            ServiceClock.system(),
            new FunctionLog(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), "bench"));
    private Instant now = Instant.now();

    /** Parses the body of a request into a prepared task. */
    @Benchmark
    public Task.PreparedTask parse() {
        return task.prepare(Fields.of(Json.parse(question.body())));
    }

    /** Reduces a page of price history to current prices. Each call uses another time, so that no price is cached. */
    @Benchmark
    public SpotPrices.Current reduce() {
        now = now.plus(Duration.ofHours(1));
        return prices.current(BenchmarkAccount.HOME, query, callContext, now);
    }

    /** Renders an answer of a thousand rows, without running a task. */
    @Benchmark
    public OutputStream render() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        edge.handle(new ByteArrayInputStream(event), out, new StubContext());
        return out;
    }

    private static String type(int row) {
        return "m" + row + ".large";
    }

    /** A service that always returns the same answer. */
    private static final class OneAnswer implements FunctionUrlHandler.Service {
        private final Answer answer = new Answer(
                "priced",
                IntStream.range(0, ROWS)
                        .mapToObj(row -> PoolPrice.of(
                                BenchmarkAccount.HOME,
                                BenchmarkAccount.HOME + "a",
                                "usw2-az1",
                                type(row),
                                "Linux/UNIX",
                                BigDecimal.valueOf(row + 1, 6),
                                SINCE))
                        .toList(),
                Map.of("at", SINCE));

        @Override
        public boolean knows(String task) {
            return true;
        }

        @Override
        public Answer answer(Fields fields, Caller caller, Instant now, Deadline deadline) {
            return answer;
        }
    }

    /** An HTTP client that always returns one page of prices. */
    private static final class OnePage implements SdkHttpClient {
        private final byte[] xml;

        OnePage() {
            StringBuilder text = new StringBuilder("<DescribeSpotPriceHistoryResponse><spotPriceHistorySet>");
            for (int row = 0; row < ROWS; row++) {
                text.append("<item><instanceType>")
                        .append(type(row))
                        .append("</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>0.")
                        .append(row + 1)
                        .append("</spotPrice><timestamp>")
                        .append(SINCE)
                        .append("</timestamp><availabilityZone>us-west-2a</availabilityZone></item>");
            }
            xml = text.append("</spotPriceHistorySet><nextToken/></DescribeSpotPriceHistoryResponse>")
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder().statusCode(200).build())
                            .responseBody(AbortableInputStream.create(new ByteArrayInputStream(xml)))
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}
