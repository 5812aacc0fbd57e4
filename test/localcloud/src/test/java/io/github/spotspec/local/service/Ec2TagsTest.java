package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.service.SmallCloud.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests EC2's limits on tags, at launch and later. */
final class Ec2TagsTest {
    private static final String METADATA_TAGS = "MetadataOptions.InstanceMetadataTags";

    private final SmallCloud cloud = new SmallCloud();

    Ec2TagsTest() {
        cloud.allow("*", "*");
    }

    private Answer launch(String... tags) {
        return launch(tags, new String[0]);
    }

    private Answer launch(String[] tags, String... more) {
        List<String> parameters = new ArrayList<>(List.of(
                "Action",
                "RunInstances",
                "ImageId",
                cloud.images.id("us-east-1", "al2023-x86_64"),
                "InstanceType",
                "m5.large",
                "Placement.AvailabilityZone",
                "us-east-1a",
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "TagSpecification.1.ResourceType",
                "instance"));
        parameters.addAll(tags("TagSpecification.1.Tag", tags));
        parameters.addAll(List.of(more));
        return cloud.query("ec2", parameters.toArray(String[]::new));
    }

    private Answer tag(String id, String... tags) {
        List<String> parameters = new ArrayList<>(List.of("Action", "CreateTags", "ResourceId.1", id));
        parameters.addAll(tags("Tag", tags));
        return cloud.query("ec2", parameters.toArray(String[]::new));
    }

    private static List<String> tags(String prefix, String... tags) {
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < tags.length; i += 2) {
            String tag = prefix + "." + (i / 2 + 1);
            parameters.addAll(List.of(tag + ".Key", tags[i], tag + ".Value", tags[i + 1]));
        }
        return parameters;
    }

    private static String[] numbered(int first, int count) {
        String[] tags = new String[2 * count];
        for (int i = 0; i < count; i++) {
            tags[2 * i] = "tag" + (first + i);
            tags[2 * i + 1] = "";
        }
        return tags;
    }

    @ParameterizedTest
    @CsvSource({
        "Name, 200",
        "+-=.:_@z9, 200",
        "'a b', 400",
        "a/b, 400",
        "., 400",
        ".., 400",
        "_index, 400",
        "\u00e9, 400"
    })
    void acceptsOnlySomeKeysInMetadata(String key, int status) {
        Answer launched = launch(new String[] {key, "any; value"}, METADATA_TAGS, "enabled");

        assertEquals(status, launched.status(), launched.text());
        assertTrue(status == 200 || launched.element("Code").equals("InvalidParameterValue"), launched.text());
        assertEquals(
                200, launch(new String[] {key, "v"}, METADATA_TAGS, "disabled").status());
        assertEquals(200, launch(new String[] {key, "v"}).status(), "EC2 does not show tags by default");
        String shown =
                launch(new String[] {"Name", "v"}, METADATA_TAGS, "enabled").element("instanceId");
        assertEquals(status, tag(shown, key, "v").status(), "the same holds for tags that are added later");
    }

    @Test
    void rejectsUnknownValueForMetadataTags() {
        assertEquals(
                "InvalidParameterValue",
                launch(new String[0], METADATA_TAGS, "true").element("Code"));
    }

    private String launchTagged() {
        Answer answer = launch("Name", "a;b (c) & \ud842\udfb7");
        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.text().contains("a;b (c) &amp; \ud842\udfb7"), answer.text());
        return answer.element("instanceId");
    }

    @ParameterizedTest
    @CsvSource({
        "k, 128, v, 256, 200",
        "\ud842\udfb7, 128, \ud842\udfb7, 256, 200",
        "k, 129, v, 1, 400",
        "k, 1, v, 257, 400",
        "k, 0, v, 1, 400"
    })
    void countsCharactersOfKeysAndValues(String key, int keys, String value, int values, int status) {
        String[] tag = {key.repeat(keys), value.repeat(values)};
        String id = launchTagged();

        for (Answer answer : List.of(launch(tag), tag(id, tag))) {
            assertEquals(status, answer.status(), answer.text());
            assertTrue(status == 200 || answer.element("Code").equals("InvalidParameterValue"), answer.text());
        }
    }

    @ParameterizedTest
    @CsvSource({"aws:x", "AWS:x", "Aws:cloudformation:stack-name"})
    void reservesAwsPrefixInAnyCase(String key) {
        assertEquals("InvalidParameterValue", launch(key, "").element("Code"));
        assertEquals("InvalidParameterValue", tag(launchTagged(), key, "").element("Code"));
    }

    @Test
    void rejectsDuplicateKey() {
        assertEquals("InvalidParameterValue", launch("a", "1", "a", "2").element("Code"));
        assertEquals(
                "InvalidParameterValue", tag(launchTagged(), "a", "1", "a", "2").element("Code"));
        assertEquals(200, launch("a", "1", "A", "2").status());
    }

    @Test
    void limitsTagsToFifty() {
        assertEquals(200, launch(numbered(0, 50)).status());
        assertEquals("TagLimitExceeded", launch(numbered(0, 51)).element("Code"));

        String id = launchTagged();
        assertEquals(200, tag(id, numbered(0, 49)).status());
        assertEquals(
                200, tag(id, "Name", "another value of a tag that is there").status());
        assertEquals("TagLimitExceeded", tag(id, "onemore", "").element("Code"));
    }
}
