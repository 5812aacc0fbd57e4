package io.github.spotspec.function.fake;

import java.io.IOException;

/** A way in which EC2 or STS answers a call other than the fake service would. */
@FunctionalInterface
public interface Fault {
    /** The service without the fault. */
    interface Ec2 {
        Said answer(Asked asked);
    }

    Said answer(Asked asked, Ec2 ec2) throws IOException, InterruptedException;

    /** Fails every call with an error. */
    static Fault error(int status, String code) {
        return (asked, ec2) -> Said.error(status, code, "the message of " + code);
    }

    /** Fails calls in one region with an error. */
    static Fault error(String region, int status, String code) {
        return (asked, ec2) ->
                asked.region().equals(region) ? Said.error(status, code, "the message of " + code) : ec2.answer(asked);
    }

    /** Fails calls that contain an id with an error. */
    static Fault about(String id, int status, String code) {
        return (asked, ec2) -> asked.parameters().containsValue(id)
                ? Said.error(status, code, "the message of " + code)
                : ec2.answer(asked);
    }

    /** IAM denies the call. */
    static Fault denied() {
        return error(403, "UnauthorizedOperation");
    }

    /** IAM denies calls without MFA credentials. */
    static Fault deniedWithoutMfa() {
        return (asked, ec2) -> asked.accessKeyId().startsWith("ASIA") ? ec2.answer(asked) : denied().answer(asked, ec2);
    }

    /** Fails before it does anything, without an error code. */
    static Fault failure() {
        return (asked, ec2) -> new Said(500, "");
    }

    /** Carries out the call, and then reports a failure without an error code. */
    static Fault doneYetFailed() {
        return (asked, ec2) -> {
            ec2.answer(asked);
            return new Said(500, "");
        };
    }

    /** Carries out the call, and loses the response. */
    static Fault lostAnswer() {
        return (asked, ec2) -> {
            ec2.answer(asked);
            throw new IOException("connection reset");
        };
    }

    /** Answers as the service does. */
    static Fault none() {
        return (asked, ec2) -> ec2.answer(asked);
    }
}
