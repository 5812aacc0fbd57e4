package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.market.SpotMarket;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests deployments that change only the value of a token in a setting. Launches use the new value at once. */
@ExtendWith(SharedDeployment.class)
@Tag("long")
final class ChangedValuesIT {
    private static final String IMAGE = Images.PARAMETERS + "ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

    private final LocalDeployment service;
    private final List<String> subnets;

    ChangedValuesIT(LocalDeployment service) throws Exception {
        this.service = service;
        subnets = new SpotMarket(LocalDeployment.SEED)
                .pools(LocalDeployment.HOME).stream()
                        .filter(pool -> pool.type().name().equals("m7g.large")
                                && pool.product().equals("Linux/UNIX"))
                        .map(pool -> service.cloud()
                                .state()
                                .network()
                                .defaultSubnet(LocalDeployment.HOME, pool.zone())
                                .id())
                        .toList();
        if (service.cloud().stacks().find(LocalDeployment.HOME, ChangingApp.STACK) == null) {
            service.deployAll(app("/one/"), "--parameters", ChangingApp.PARAMETER + "=" + subnets.getFirst());
        }
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    private String app(String path) throws Exception {
        return LocalDeployment.assembly(ChangingApp::stacks, service.callerArn(), path);
    }

    /** Returns the function version behind the URL. */
    private String version() {
        String function = service.stack(ChangingApp.STACK)
                .physicalId(service.stack(ChangingApp.STACK).logicalId("AWS::Lambda::Alias"));
        return Objects.requireNonNull(
                service.cloud().state().functions().alias(function.substring(0, function.lastIndexOf(':')), "live"));
    }

    private LaunchSpecification launch() throws Exception {
        SpotUrl.Answer answer = new SpotUrl(service.output(ChangingApp.STACK, "Url"), LocalDeployment.HOME)
                .post(
                        RequestBody.to("launch")
                                .with("types", List.of("m7g.large"))
                                .with("dryRun", false)
                                .toString(),
                        service.caller());
        assertEquals(200, answer.status(), answer.text());
        return service.instances(answer).getFirst().launchSpecification();
    }

    @Test
    void followsParameterReplacedResourceAndNewImage() throws Exception {
        String one = app("/one/");
        String first = version();
        LaunchSpecification before = launch();
        assertEquals(subnets.getFirst(), before.subnet().id());

        service.deployAll(one, "--parameters", ChangingApp.PARAMETER + "=" + subnets.getLast());
        String afterParameter = version();
        assertNotEquals(first, afterParameter);
        assertEquals(subnets.getLast(), launch().subnet().id());

        String two = app("/two/");
        service.deployAll(two);
        String afterReplacement = version();
        assertNotEquals(afterParameter, afterReplacement);
        LaunchSpecification replaced = launch();
        assertTrue(
                String.valueOf(replaced.options().profileArn()).contains(":instance-profile/two/"),
                replaced.toString());
        assertEquals(subnets.getLast(), replaced.subnet().id(), "the CLI keeps the parameter's value");

        String image = service.cloud().state().images().release(LocalDeployment.HOME, IMAGE);
        service.deployAll(two);
        String afterImage = version();
        assertNotEquals(afterReplacement, afterImage);
        assertEquals(image, launch().image().id());
        assertNotEquals(before.image().id(), image);

        service.deployAll(two);
        assertEquals(afterImage, version(), "nothing changed");
    }
}
