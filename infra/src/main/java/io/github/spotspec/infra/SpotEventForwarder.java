package io.github.spotspec.infra;

import java.util.List;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.events.Rule;
import software.constructs.Construct;

/**
 * Forwards EC2's notices about spot instances from another region to the home region of a {@link SpotService}, whose
 * keeper then tells of them. EC2 publishes them in the region of the instance only, so a service that acts in several
 * regions wants one of these in a stack of each region but its home.
 *
 * <pre>{@code
 * new SpotEventForwarder(stackInUsEast1, "SpotEventForwarder", "us-west-2");
 * }</pre>
 */
@Beta
public final class SpotEventForwarder extends Construct {
    private final Rule rule;

    /**
     * Forwards to the default event bus of a region in the same account.
     *
     * @param homeRegion the region of the service's stack
     * @throws IllegalArgumentException if it is no region's name, or the stack is itself in the home region
     */
    public SpotEventForwarder(Construct scope, String id, String homeRegion) {
        super(CdkVersion.checked(scope), id);
        Stack stack = Stack.of(this);
        Regions.check("homeRegion", Validate.given("homeRegion", homeRegion));
        Regions.checkHome(stack.getRegion());
        Validate.that(
                !homeRegion.equals(stack.getRegion()),
                "'homeRegion' must be another region than the stack's, got " + homeRegion + " for both");
        String arn = stack.formatArn(ArnComponents.builder()
                .service("events")
                .region(homeRegion)
                .resource("event-bus")
                .resourceName("default")
                .build());
        IEventBus home = EventBus.fromEventBusArn(this, "Home", arn);
        rule = Rule.Builder.create(this, "Notices")
                .description("Forwards EC2's notices about spot instances to the spot service's home region.")
                .eventPattern(Keeper.notices())
                .targets(List.of(new software.amazon.awscdk.services.events.targets.EventBus(home)))
                .build();
    }

    /** Returns the rule that forwards. */
    public Rule getRule() {
        return rule;
    }
}
