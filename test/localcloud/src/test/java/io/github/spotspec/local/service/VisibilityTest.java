package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the delay before EC2 shows new or changed resources. */
final class VisibilityTest {
    private final SmallCloud cloud = new SmallCloud();

    @BeforeEach
    void allowAll() {
        cloud.allow("*", "*");
    }

    @Test
    void showsWhatWasLaunchedOnlyAfterTheDelay() {
        cloud.faults.showAfter(Duration.ofSeconds(4));
        Instance launched = launch();
        String request = String.valueOf(launched.spotRequest());

        cloud.later = Duration.ofMillis(3_999);
        assertFalse(ask("DescribeInstances", "Filter.1.Name", "instance-id", "Filter.1.Value.1", launched.id())
                .text()
                .contains(launched.id()));
        assertFalse(ask("DescribeSpotInstanceRequests").text().contains(request));
        for (String action : new String[] {"DescribeInstances", "TerminateInstances"}) {
            assertEquals(
                    "InvalidInstanceID.NotFound",
                    ask(action, "InstanceId.1", launched.id()).element("Code"));
        }
        assertEquals(
                "InvalidInstanceID.NotFound",
                ask("CreateTags", "ResourceId.1", launched.id(), "Tag.1.Key", "k", "Tag.1.Value", "v")
                        .element("Code"));
        assertEquals(
                "InvalidSpotInstanceRequestID.NotFound",
                ask("CancelSpotInstanceRequests", "SpotInstanceRequestId.1", request)
                        .element("Code"));

        cloud.later = Duration.ofSeconds(4);
        assertTrue(ask("DescribeInstances").text().contains(launched.id()));
        assertTrue(ask("DescribeSpotInstanceRequests").text().contains(request));
        assertEquals(
                200, ask("TerminateInstances", "InstanceId.1", launched.id()).status());
    }

    @Test
    void showsChangedTagsOnlyAfterTheDelay() {
        Instance launched = launch();
        cloud.faults.showAfter(Duration.ofSeconds(4));
        ask("CreateTags", "ResourceId.1", launched.id(), "Tag.1.Key", "k", "Tag.1.Value", "v");

        assertFalse(tagged(launched));
        cloud.later = Duration.ofSeconds(4);
        assertTrue(tagged(launched));
    }

    @Test
    void showsEverythingAtOnceWithoutTheFault() {
        cloud.faults.showAfter(Duration.ofSeconds(4));
        cloud.faults.clear();

        String id = launch().id();

        assertTrue(ask("DescribeInstances").text().contains(id));
    }

    private boolean tagged(Instance instance) {
        return ask("DescribeInstances", "Filter.1.Name", "tag:k", "Filter.1.Value.1", "v")
                .text()
                .contains(instance.id());
    }

    private Instance launch() {
        Answer answer = ask(
                "RunInstances",
                "ImageId",
                cloud.images.id("us-east-1", "al2023-arm64"),
                "InstanceType",
                "m7g.large",
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "InstanceMarketOptions.MarketType",
                "spot");
        assertEquals(200, answer.status(), answer.text());
        return cloud.fleet.all().getLast();
    }

    private Answer ask(String action, String... parameters) {
        String[] all = new String[parameters.length + 2];
        all[0] = "Action";
        all[1] = action;
        System.arraycopy(parameters, 0, all, 2, parameters.length);
        return cloud.query("ec2", all);
    }
}
