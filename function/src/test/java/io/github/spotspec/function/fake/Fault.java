package io.github.spotspec.function.fake;

import java.io.IOException;

/** A way in which EC2 or STS answers a call other than the fake service would. */
@FunctionalInterface
public interface Fault {
    /** The service without the fault. */
    interface Service {
        AwsResponse answer(AwsCall call);
    }

    AwsResponse answer(AwsCall call, Service ec2) throws IOException, InterruptedException;

    /** Fails every call with an error. */
    static Fault error(int status, String code) {
        return (call, ec2) -> AwsResponse.error(status, code, "the message of " + code);
    }

    /** Fails calls in one region with an error. */
    static Fault error(String region, int status, String code) {
        return (call, ec2) -> call.region().equals(region)
                ? AwsResponse.error(status, code, "the message of " + code)
                : ec2.answer(call);
    }

    /** Fails calls that contain an id with an error. */
    static Fault forId(String id, int status, String code) {
        return (call, ec2) -> call.parameters().containsValue(id)
                ? AwsResponse.error(status, code, "the message of " + code)
                : ec2.answer(call);
    }

    /** IAM denies the call. */
    static Fault denied() {
        return error(403, "UnauthorizedOperation");
    }

    /** IAM denies calls without MFA credentials. */
    static Fault deniedWithoutMfa() {
        return (call, ec2) -> call.accessKeyId().startsWith("ASIA") ? ec2.answer(call) : denied().answer(call, ec2);
    }

    /** Fails before it does anything, without an error code. */
    static Fault failure() {
        return (call, ec2) -> new AwsResponse(500, "");
    }

    /** Carries out the call, and then reports a failure without an error code. */
    static Fault executedThenFailed() {
        return (call, ec2) -> {
            ec2.answer(call);
            return new AwsResponse(500, "");
        };
    }

    /** Carries out the call, and loses the response. */
    static Fault lostAnswer() {
        return (call, ec2) -> {
            ec2.answer(call);
            throw new IOException("connection reset");
        };
    }

    /** Answers as the service does. */
    static Fault none() {
        return (call, ec2) -> ec2.answer(call);
    }
}
