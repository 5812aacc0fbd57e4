package io.github.spotspec.infra;

import java.util.List;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.events.Rule;
import software.constructs.Construct;

/**
 * Forwards EC2's events about Spot Instances from another region to the home region of a {@link SpotService}, where the
 * keeper reports them. EC2 publishes these events only in the instance's region. If a service launches in several
 * regions, create a forwarder in a stack of each region except the home region.
 *
 * <pre>{@code
 * new SpotEventForwarder(stackInUsEast1, "SpotEventForwarder", "us-west-2");
 * }</pre>
 */
@Beta
public final class SpotEventForwarder extends Construct {
    private final Rule rule;

    /**
     * Creates a rule that forwards events to the default event bus of a region in the same account.
     *
     * @param homeRegion the region of the service's stack
     * @throws IllegalArgumentException if {@code homeRegion} is not a region's name, or if the stack itself is in the
     *     home region
     */
    public SpotEventForwarder(Construct scope, String id, String homeRegion) {
        super(CdkVersion.checked(scope), id);
        Stack stack = Stack.of(this);
        RegionNames.check("homeRegion", Validate.argumentNotNull("homeRegion", homeRegion));
        RegionNames.checkHome(stack.getRegion());
        Validate.that(
                !homeRegion.equals(stack.getRegion()),
                "'homeRegion' must differ from the stack's region, got " + homeRegion + " for both");
        String arn = stack.formatArn(ArnComponents.builder()
                .service("events")
                .region(homeRegion)
                .resource("event-bus")
                .resourceName("default")
                .build());
        IEventBus home = EventBus.fromEventBusArn(this, "Home", arn);
        rule = Rule.Builder.create(this, "Notices")
                .description("Forwards EC2's notices about spot instances to the spot service's home region.")
                .eventPattern(Keeper.spotEvents())
                .targets(List.of(new software.amazon.awscdk.services.events.targets.EventBus(home)))
                .build();
    }

    /** Returns the rule that forwards the events. */
    public Rule getRule() {
        return rule;
    }
}
