package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.NestedStack;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

/** The name of a service, and the names derived from it. */
final class ServiceNameTest {
    private static final String LONG = "APartOfThePlatformWithAVeryLongName";

    private static Stack stack(String name) {
        return new Stack(
                Synthesis.app(Map.of()),
                name,
                StackProps.builder()
                        .env(Environment.builder().region("ap-southeast-7").build())
                        .build());
    }

    private static Construct deep(Construct scope) {
        Construct deep = scope;
        for (int i = 0; i < 5; i++) {
            deep = new Construct(deep, LONG + i);
        }
        return deep;
    }

    private static SpotServiceProps.Builder allProps(Stack stack) {
        return SpotServiceProps.builder()
                .dashboard(true)
                .alarmTopic(new Topic(stack, "Alarms"))
                .watchedTypes("m7g.large")
                .urlAuth(UrlAuth.token())
                .rotateKeyEvery(Duration.days(90));
    }

    @Test
    void containsStackPathAndRegion() {
        Stack stack = stack("Team");
        SpotService service = new SpotService(new Construct(stack, "Platform"), "Spot");

        assertEquals("Team/Platform/Spot@ap-southeast-7", service.getServiceName());
    }

    @Test
    void shortensLongPathWithHash() {
        Stack stack = stack("S".repeat(128));
        SpotServiceProps props = allProps(stack).build();
        Construct scope = deep(stack);
        SpotService one = new SpotService(scope, "Spot", props);
        SpotService another = new SpotService(scope, "Spot2", props);

        assertTrue(one.getServiceName().length() <= 215, one.getServiceName());
        assertTrue(
                one.getServiceName().matches("S{128}/APartOfThePlatform.*-[0-9a-f]{8}@ap-southeast-7"),
                one.getServiceName());
        assertNotEquals(one.getServiceName(), another.getServiceName());
        Synthesis synthesis = Synthesis.of(stack);
        synthesis
                .all("AWS::Logs::QueryDefinition")
                .forEach(query -> assertTrue(query.get("Name").toString().length() <= 255, query.toString()));
        Map.of("AWS::IAM::Policy", "PolicyName", "AWS::CloudWatch::Alarm", "AlarmDescription")
                .forEach((type, property) -> synthesis
                        .all(type)
                        .forEach(resource -> assertTrue(
                                resource.get(property).toString().length() <= (type.contains("IAM") ? 128 : 1024),
                                resource.toString())));
        synthesis.logicalIds().forEach(id -> assertTrue(id.indexOf(" ") <= 255, id));
    }

    @Test
    void leavesRoomForTheNameOfANestedStack() {
        NestedStack nested = new NestedStack(new Stack(Synthesis.app(Map.of()), "Test"), "Nested");
        String name = new SpotService(deep(nested), "Spot").getServiceName();
        String path = name.substring(name.indexOf('/') + 1, name.lastIndexOf('@'));

        assertTrue(path.length() <= 200 - 128 - 1, path);
    }

    @Test
    void replacesCharactersThatTagsDoNotAllow() {
        String name = new SpotService(stack("Team"), "Größe \"XL\" 50:50 *").getServiceName();

        assertTrue(name.matches("Team/Gr--e -XL- 50-50 --[0-9a-f]{8}@ap-southeast-7"), name);
    }

    @Test
    void differentNamesStayDifferent() {
        assertNotEquals(ServiceName.fitting("a:b", 50), ServiceName.fitting("a;b", 50));
        assertNotEquals(ServiceName.fitting("a:b", 50), ServiceName.fitting("a-b", 50));
        assertEquals("a-b", ServiceName.fitting("a-b", 50));
    }
}
