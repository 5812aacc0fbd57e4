package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.SignedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateRequest;
import software.amazon.awssdk.services.ec2.model.DescribeLaunchTemplatesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeLaunchTemplatesResponse;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.LaunchTemplate;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Tests launch templates with the client of the SDK. */
final class LaunchTemplatesTest {
    private static final String REGION = "us-east-1";

    private final SmallCloud cloud = new SmallCloud();
    private final Ec2Client ec2 = cloud.sdk(REGION);

    @BeforeEach
    void allowAll() {
        cloud.allow("ec2:*", "*");
    }

    private static CreateLaunchTemplateRequest.Builder named(String name) {
        return CreateLaunchTemplateRequest.builder()
                .launchTemplateName(name)
                .launchTemplateData(data -> data.keyName("dev"));
    }

    private static TagSpecification tags(String resourceType, String key, String value) {
        return TagSpecification.builder()
                .resourceType(ResourceType.fromValue(resourceType))
                .tags(Tag.builder().key(key).value(value).build())
                .build();
    }

    private LaunchTemplate create(CreateLaunchTemplateRequest.Builder request) {
        return ec2.createLaunchTemplate(request.build()).launchTemplate();
    }

    private List<String> described(Consumer<DescribeLaunchTemplatesRequest.Builder> request) {
        return ec2.describeLaunchTemplates(request).launchTemplates().stream()
                .map(LaunchTemplate::launchTemplateName)
                .toList();
    }

    private static String codeOf(Executable act) {
        return assertThrows(Ec2Exception.class, act).awsErrorDetails().errorCode();
    }

    @Test
    void describesWhatWasCreated() {
        LaunchTemplate created = create(named("one").tagSpecifications(tags("launch-template", "team", "blue")));

        LaunchTemplate described = ec2.describeLaunchTemplates(request -> request.launchTemplateNames("one"))
                .launchTemplates()
                .getFirst();
        assertEquals(created, described);
        assertTrue(described.launchTemplateId().matches("lt-[0-9a-f]{17}"), described.launchTemplateId());
        assertEquals(SignedRequest.NOW, described.createTime());
        assertEquals("arn:aws:iam::111122223333:user/ann", described.createdBy());
        assertEquals(1L, described.latestVersionNumber());
        assertEquals(List.of(Tag.builder().key("team").value("blue").build()), described.tags());
    }

    @Test
    void findsByNameIdAndTag() {
        create(named("one").tagSpecifications(tags("launch-template", "team", "blue")));
        LaunchTemplate two = create(named("two").tagSpecifications(tags("launch-template", "team", "red")));

        assertEquals(List.of("one", "two"), described(request -> {}));
        assertEquals(List.of("two"), described(request -> request.launchTemplateIds(two.launchTemplateId())));
        assertEquals(
                List.of("one"),
                described(request -> request.filters(
                        Filter.builder().name("tag:team").values("blue").build())));
        assertEquals(
                List.of("two"),
                described(request -> request.filters(Filter.builder()
                        .name("launch-template-name")
                        .values("two")
                        .build())));
        assertEquals(
                "InvalidLaunchTemplateName.NotFoundException",
                codeOf(() -> described(request -> request.launchTemplateNames("three"))));
        assertEquals(
                "InvalidLaunchTemplateId.NotFound",
                codeOf(() -> described(request -> request.launchTemplateIds("lt-00000000000000000"))));
        assertEquals(
                "InvalidLaunchTemplateId.Malformed",
                codeOf(() -> described(request -> request.launchTemplateIds("two"))));
    }

    @Test
    void pagesAddUpToWholeAnswer() {
        List<String> names = IntStream.range(0, 5).mapToObj(i -> "name" + i).toList();
        names.forEach(name -> create(named(name)));

        List<String> paged = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = null;
        do {
            String next = token;
            DescribeLaunchTemplatesResponse page =
                    ec2.describeLaunchTemplates(request -> request.maxResults(2).nextToken(next));
            page.launchTemplates().forEach(template -> paged.add(template.launchTemplateName()));
            sizes.add(page.launchTemplates().size());
            token = page.nextToken();
        } while (token != null);

        assertEquals(names, paged);
        assertEquals(List.of(2, 2, 1), sizes);
        assertEquals("InvalidParameterValue", codeOf(() -> described(request -> request.maxResults(201))));
    }

    @Test
    void nameIsUniqueInItsRegion() {
        create(named("one"));

        assertEquals("InvalidLaunchTemplateName.AlreadyExistsException", codeOf(() -> create(named("one"))));
        cloud.sdk("us-west-2").createLaunchTemplate(named("one").build());
        assertEquals(2, cloud.launchTemplates.all().size());
        assertEquals(List.of("one"), described(request -> {}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ab", "a b c", "name:with:colons"})
    void rejectsMalformedName(String name) {
        assertEquals("InvalidLaunchTemplateName.MalformedException", codeOf(() -> create(named(name))));
    }

    @ParameterizedTest
    @CsvSource({
        "LaunchTemplateData.KernelId, aki, NotInLocalCloud",
        "LaunchTemplateData.MetadataOptions.HttpEndpoint, disabled, NotInLocalCloud",
        "LaunchTemplateData.NetworkInterface.1.NetworkInterfaceId, eni-1, NotInLocalCloud",
        "LaunchTemplateData.UserData, not Base64!, InvalidUserData.Malformed",
        "LaunchTemplateData.TagSpecification.1.ResourceType, network-interface, NotInLocalCloud",
        "TagSpecification.1.ResourceType, instance, InvalidParameterValue",
        "Operator.Principal, me, NotInLocalCloud"
    })
    void rejectsWhatItDoesNotKnow(String name, String value, String code) {
        SmallCloud.Answer answer = cloud.query(
                "ec2",
                "Action",
                "CreateLaunchTemplate",
                "LaunchTemplateName",
                "one",
                "LaunchTemplateData.KeyName",
                "dev",
                name,
                value);

        assertEquals(code, answer.element("Code"));
        assertEquals(List.of(), cloud.launchTemplates.all());
    }

    @Test
    void repeatsCallWithSameToken() {
        LaunchTemplate first = create(named("one").clientToken("t"));

        assertEquals(first, create(named("one").clientToken("t")));
        assertEquals(
                "IdempotentParameterMismatch", codeOf(() -> create(named("two").clientToken("t"))));
        LaunchTemplate elsewhere = cloud.sdk("us-west-2")
                .createLaunchTemplate(named("two").clientToken("t").build())
                .launchTemplate();
        assertNotEquals(first.launchTemplateId(), elsewhere.launchTemplateId());
    }

    @Test
    void deletesByIdOrName() {
        LaunchTemplate one = create(named("one"));
        create(named("two"));

        ec2.deleteLaunchTemplate(request -> request.launchTemplateId(one.launchTemplateId()));
        ec2.deleteLaunchTemplate(request -> request.launchTemplateName("two"));

        assertEquals(List.of(), described(request -> {}));
        assertEquals(
                "InvalidLaunchTemplateId.NotFound",
                codeOf(() -> ec2.deleteLaunchTemplate(request -> request.launchTemplateId(one.launchTemplateId()))));
        assertEquals(
                "InvalidLaunchTemplateName.NotFoundException",
                codeOf(() -> ec2.deleteLaunchTemplate(request -> request.launchTemplateName("two"))));
        assertEquals("MissingParameter", codeOf(() -> ec2.deleteLaunchTemplate(request -> {})));
        assertEquals(
                "InvalidParameterCombination",
                codeOf(() -> ec2.deleteLaunchTemplate(
                        request -> request.launchTemplateName("two").launchTemplateId(one.launchTemplateId()))));
        create(named("one"));
    }

    @Test
    void limitsTemplatesOfRegion() {
        for (int i = 0; i < 5_000; i++) {
            cloud.launchTemplates.create(REGION, "name" + i, "me", Map.of(), Map.of("KeyName", "dev"), null, "");
        }

        assertEquals("MaxTemplateLimitExceeded", codeOf(() -> create(named("one"))));
    }

    @Test
    void showsTemplateOnlyAfterTheDelay() {
        cloud.faults.showAfter(Duration.ofSeconds(4));
        create(named("one"));

        cloud.later = Duration.ofMillis(3_999);
        assertEquals(List.of(), described(request -> {}));
        assertEquals(
                "InvalidLaunchTemplateName.NotFoundException",
                codeOf(() -> ec2.deleteLaunchTemplate(request -> request.launchTemplateName("one"))));

        cloud.later = Duration.ofSeconds(4);
        assertEquals(List.of("one"), described(request -> {}));
    }

    @Test
    void dryRunCreatesAndDeletesNothing() {
        assertEquals("DryRunOperation", codeOf(() -> create(named("one").dryRun(true))));
        assertEquals(List.of(), cloud.launchTemplates.all());

        create(named("one"));
        assertEquals(
                "DryRunOperation",
                codeOf(() -> ec2.deleteLaunchTemplate(
                        request -> request.launchTemplateName("one").dryRun(true))));
        assertEquals(List.of("one"), described(request -> {}));
    }

    @Test
    void policyRequiresTagsAtCreation() {
        cloud.put("Allow", """
                {"Effect": "Allow", "Action": "ec2:CreateLaunchTemplate", "Resource": "arn:aws:ec2:*:*:launch-template/*",
                 "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}}""");
        CreateLaunchTemplateRequest.Builder blue =
                named("one").tagSpecifications(tags("launch-template", "team", "blue"));

        assertEquals("UnauthorizedOperation", codeOf(() -> create(named("one"))));
        assertEquals(
                "UnauthorizedOperation",
                codeOf(() -> create(named("one").tagSpecifications(tags("launch-template", "team", "red")))));
        // The right to tag is missing.
        assertEquals("UnauthorizedOperation", codeOf(() -> create(blue)));

        cloud.put("tag", """
                {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:launch-template/*",
                 "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}}""");
        assertEquals("UnauthorizedOperation", codeOf(() -> create(blue)));
        cloud.put("tag", """
                {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:launch-template/*",
                 "Condition": {"StringEquals": {"ec2:CreateAction": "CreateLaunchTemplate"}}}""");
        create(blue);
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws", "ec2"})
    void policyAllowsToDeleteByTag(String prefix) {
        create(named("one").tagSpecifications(tags("launch-template", "team", "blue")));
        create(named("two").tagSpecifications(tags("launch-template", "team", "red")));
        cloud.put("Allow", """
                {"Effect": "Allow", "Action": "ec2:DeleteLaunchTemplate", "Resource": "arn:aws:ec2:*:*:launch-template/lt-*",
                 "Condition": {"StringEquals": {"%s:ResourceTag/team": "blue"}}}""".formatted(prefix));

        assertEquals(
                "UnauthorizedOperation",
                codeOf(() -> ec2.deleteLaunchTemplate(request -> request.launchTemplateName("two"))));
        ec2.deleteLaunchTemplate(request -> request.launchTemplateName("one"));
        assertEquals(1, cloud.launchTemplates.all().size());
    }
}
