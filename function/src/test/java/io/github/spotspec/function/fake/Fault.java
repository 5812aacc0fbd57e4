package io.github.spotspec.function.fake;

import java.io.IOException;

/** How EC2 or STS may answer instead of carrying out a call, or in addition to it. */
@FunctionalInterface
public interface Fault {
    /** The service as it would answer without the fault. */
    interface Ec2 {
        Said answer(Asked asked);
    }

    Said answer(Asked asked, Ec2 ec2) throws IOException, InterruptedException;

    /** It refuses. */
    static Fault error(int status, String code) {
        return (asked, ec2) -> Said.error(status, code, "the message of " + code);
    }

    /** It refuses in one region only. */
    static Fault error(String region, int status, String code) {
        return (asked, ec2) ->
                asked.region().equals(region) ? Said.error(status, code, "the message of " + code) : ec2.answer(asked);
    }

    /** It refuses whatever is about one thing, and with it the whole call. */
    static Fault about(String id, int status, String code) {
        return (asked, ec2) -> asked.parameters().containsValue(id)
                ? Said.error(status, code, "the message of " + code)
                : ec2.answer(asked);
    }

    /** IAM refuses. */
    static Fault denied() {
        return error(403, "UnauthorizedOperation");
    }

    /** IAM refuses callers without MFA. */
    static Fault deniedWithoutMfa() {
        return (asked, ec2) -> asked.accessKeyId().startsWith("ASIA") ? ec2.answer(asked) : denied().answer(asked, ec2);
    }

    /** It fails before it did anything, and says no more. */
    static Fault failure() {
        return (asked, ec2) -> new Said(500, "");
    }

    /** It does what it is asked, and then says nothing but that it failed. */
    static Fault doneYetFailed() {
        return (asked, ec2) -> {
            ec2.answer(asked);
            return new Said(500, "");
        };
    }

    /** It does what it is asked, and the answer is lost. */
    static Fault lostAnswer() {
        return (asked, ec2) -> {
            ec2.answer(asked);
            throw new IOException("connection reset");
        };
    }

    /** Nothing but what was asked for happens. */
    static Fault none() {
        return (asked, ec2) -> ec2.answer(asked);
    }
}
