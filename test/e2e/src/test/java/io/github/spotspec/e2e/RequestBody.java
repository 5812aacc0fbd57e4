package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Builds request bodies. */
final class RequestBody {
    /** The public parameter of the latest Amazon Linux for arm64. */
    static final String ARM_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

    /** The public parameter of the latest Amazon Linux for x86_64. */
    static final String X86_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

    /** An SSH public key whose private key nobody has. */
    static final String PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode body;

    private RequestBody(String task) {
        body = JSON.createObjectNode().put("task", task);
    }

    static RequestBody to(String task) {
        return new RequestBody(task);
    }

    /** Returns a launch of arm64 types that is not a dry run. */
    static RequestBody launch(String... types) {
        return to("launch").with("types", List.of(types)).with("ami", ARM_IMAGE).with("dryRun", false);
    }

    /** Returns the name of the task. */
    String task() {
        return body.path("task").asText();
    }

    RequestBody with(String field, Object value) {
        body.set(field, JSON.valueToTree(value));
        return this;
    }

    RequestBody without(String field) {
        body.remove(field);
        return this;
    }

    @Override
    public String toString() {
        return body.toString();
    }
}
