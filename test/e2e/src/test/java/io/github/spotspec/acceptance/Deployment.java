package io.github.spotspec.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.CdkCli;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Deploys the stack of a run with the CDK CLI, and its bucket. */
final class Deployment {
    private static final Path PROJECT = Path.of(System.getProperty("project", ""));
    private static final Duration DELETION = Duration.ofMinutes(30);
    private static final Duration ENDING = Duration.ofSeconds(10);
    private static final Pattern KEY = Pattern.compile("<Key>([^<]+)</Key>");

    private final Run run;
    private final Path folder;

    /**
     * Creates a deployment.
     *
     * @param folder the folder for the synthesized app and the CLI's output
     */
    Deployment(Run run, Path folder) {
        this.run = run;
        this.folder = folder;
    }

    /** Deploys the stack, and returns its outputs. */
    Map<String, String> deploy(boolean interruption) throws Exception {
        makeBucket();
        Path app = folder.resolve("app");
        AcceptanceApp.synthesize(run, run.id(), interruption, app);
        Path outputs = folder.resolve("outputs.json");
        cdk("deploy", "--require-approval", "never", "--outputs-file", outputs.toString());
        Map<String, String> found = new TreeMap<>();
        for (Map.Entry<String, JsonNode> output :
                new ObjectMapper().readTree(outputs.toFile()).path(run.id()).properties()) {
            found.put(output.getKey(), output.getValue().asText());
        }
        return found;
    }

    /**
     * Deletes the stack, if there is one, and waits until it is gone. It asks CloudFormation and not the CDK CLI, which
     * would first have to synthesize the app.
     */
    void deleteStack() throws Exception {
        SignedHttp.Answer stack = cloudFormation("DescribeStacks", run.id());
        String id = element("StackId", stack);
        if (id.isEmpty()) {
            if (stack.text().contains("does not exist")) {
                return;
            }
            throw new IOException(stack.words());
        }
        SignedHttp.Answer[] deleting = new SignedHttp.Answer[1];
        // CloudFormation may first have to end what it is doing, such as the rollback of an interrupted creation.
        Wait.until(DELETION, () -> {
            deleting[0] = cloudFormation("DeleteStack", id);
            return !deleting[0].text().contains("_IN_PROGRESS");
        });
        deleting[0].ok();
        String[] last = {""};
        Wait.until(DELETION, () -> {
            SignedHttp.Answer now = cloudFormation("DescribeStacks", id).ok();
            last[0] = element("StackStatus", now) + " " + element("StackStatusReason", now);
            return last[0].startsWith("DELETE_") && !last[0].startsWith("DELETE_IN_PROGRESS");
        });
        if (!last[0].startsWith("DELETE_COMPLETE")) {
            throw new IOException("the stack is " + last[0].strip());
        }
    }

    private SignedHttp.Answer cloudFormation(String action, String stack) throws Exception {
        return run.account()
                .call(
                        "cloudformation",
                        "POST",
                        "/",
                        "Action=" + action + "&Version=2010-05-15&StackName="
                                + URLEncoder.encode(stack, StandardCharsets.UTF_8),
                        Map.of("content-type", "application/x-www-form-urlencoded"));
    }

    /** Returns the text of the first XML element with a name, or an empty text. */
    private static String element(String name, SignedHttp.Answer answer) {
        Matcher element = Pattern.compile("<" + name + ">([^<]*)<").matcher(answer.text());
        return element.find() ? element.group(1) : "";
    }

    private void cdk(String... arguments) throws IOException, InterruptedException {
        // In a session of its own, so that Ctrl-C in the terminal does not end the CLI in the middle of the teardown.
        List<String> command = new ArrayList<>(CdkCli.inOwnSession());
        command.addAll(
                List.of("node", PROJECT.resolve("node_modules/aws-cdk/bin/cdk").toString()));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of(
                "--app",
                folder.resolve("app").toString(),
                "--output",
                folder.resolve("app").toString(),
                "--no-notices",
                "--no-version-reporting",
                "--ci",
                "--no-color",
                "--progress",
                "events"));
        Path log = folder.resolve("cdk-" + arguments[0] + ".log");
        ProcessBuilder cdk = new ProcessBuilder(command)
                // The project's folder has a cdk.json with a build step.
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        cdk.environment().put("AWS_REGION", run.account().region());
        Process process = cdk.start();
        try {
            if (process.waitFor() != 0) {
                List<String> lines = Files.readAllLines(log);
                throw new IOException("cdk " + arguments[0] + " failed: "
                        + String.join(" ", lines.subList(Math.max(0, lines.size() - 12), lines.size())));
            }
        } finally {
            // The teardown begins only when nothing deploys any more.
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            if (!process.waitFor(ENDING.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private void makeBucket() throws Exception {
        String region = run.account().region();
        SignedHttp.Answer made = s3("PUT", "", region.equals("us-east-1") ? "" : """
                        <CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                        <LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>\
                        """.formatted(region));
        // The first answer may have been lost.
        if (!made.text().contains("BucketAlreadyOwnedByYou")) {
            made.ok();
        }
        s3("PUT", "?tagging", """
                <Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag><Key>%s</Key><Value>%s</Value></Tag>\
                </TagSet></Tagging>\
                """.formatted(Run.TAG, run.id())).ok();
    }

    /** Returns whether the stack exists. */
    boolean hasStack() throws Exception {
        SignedHttp.Answer stack = cloudFormation("DescribeStacks", run.id());
        if (stack.text().contains("does not exist")) {
            return false;
        }
        stack.ok();
        return true;
    }

    /**
     * Returns the region of the bucket, or an empty text if it does not exist. S3 also names it if another region is
     * asked.
     */
    String bucketRegion() throws Exception {
        SignedHttp.Answer head = s3("HEAD", "", "");
        if (head.bucketRegion().isEmpty() && head.status() != 404) {
            throw new IOException("S3 does not say in which region the bucket is: " + head.words());
        }
        return head.status() == 404 ? "" : head.bucketRegion();
    }

    /** Returns whether the bucket exists. */
    boolean hasBucket() throws Exception {
        SignedHttp.Answer listed = s3("GET", "?list-type=2", "");
        if (listed.status() == 404) {
            return false;
        }
        listed.ok();
        return true;
    }

    /** Deletes the bucket, if there is one, with what is in it. */
    void deleteBucket() throws Exception {
        SignedHttp.Answer listed = s3("GET", "?list-type=2", "");
        if (listed.status() == 404) {
            return;
        }
        for (var key : KEY.matcher(listed.ok().text()).results().toList()) {
            s3("DELETE", "/" + key.group(1), "").ok();
        }
        SignedHttp.Answer deleted = s3("DELETE", "", "");
        // The first answer may have been lost.
        if (deleted.status() != 404) {
            deleted.ok();
        }
    }

    private SignedHttp.Answer s3(String method, String rest, String body) throws Exception {
        byte[] digest = MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.UTF_8));
        return run.account()
                .call(
                        "s3",
                        method,
                        "/" + run.id() + rest,
                        body,
                        Map.of("content-md5", Base64.getEncoder().encodeToString(digest)));
    }
}
