package io.github.spotspec.function.launch;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What an instance runs when it first starts, in the base64 that EC2 takes. */
public final class UserData {
    /** EC2's limit, before encoding. */
    private static final int MOST_BYTES = 16 * 1024;

    /** Where the construct puts user data that the deployment carries, in the function's own jar. */
    private static final String FOLDER = "/spotspec/userdata/";

    private UserData() {}

    /**
     * Returns user data in base64, be it given so, as in the ancestor, or as plain cloud-init text.
     *
     * @throws Refusal if it is larger than EC2 takes
     */
    public static String encoded(String given) {
        return encoded("'userData'", given);
    }

    /** Returns the same of the operator's secret. */
    static String ofSecret(String given) {
        return encoded("The secret's 'userData'", given);
    }

    private static String encoded(String what, String given) {
        byte[] plain = plain(given);
        if (plain.length > MOST_BYTES) {
            throw new Refusal(
                    Reason.INVALID_VALUE,
                    what + " must be at most " + MOST_BYTES + " bytes before encoding, got " + plain.length + ".");
        }
        return Base64.getEncoder().encodeToString(plain);
    }

    /** Returns user data that the deployment carries, which must be of that name. */
    public static String named(String name) {
        try (InputStream in = UserData.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the deployment says that it carries the user data " + name + ", but does not");
            }
            return Base64.getEncoder().encodeToString(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cloud-init text begins with a mark, or has what base64, be it broken into lines, has not. */
    private static byte[] plain(String given) {
        byte[] text = given.getBytes(StandardCharsets.UTF_8);
        if (given.startsWith("#") || given.startsWith("Content-Type:")) {
            return text;
        }
        try {
            return Base64.getDecoder().decode(given.replace("\r", "").replace("\n", ""));
        } catch (IllegalArgumentException notBase64) {
            return text;
        }
    }
}
