package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an instance runs when it first starts, in the base64 that EC2 takes. */
public final class UserData {
    /** EC2's limit, before encoding. */
    private static final int MAX_BYTES = 16 * 1024;

    /** Where the construct puts user data that the deployment carries, in the function's own jar. */
    private static final String FOLDER = "/spotspec/userdata/";

    /** Cloud-init looks for a MIME header in so many bytes. */
    private static final int HEAD_BYTES = 4_096;

    /** UTF-8's, each byte a character. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    /** In lower case: cloud-init does not look at the case, and passes over white space before them. */
    private static final List<String> BEGINNINGS = List.of(
            "#!",
            "#cloud-config",
            "#cloud-boothook",
            "#include",
            "#part-handler",
            "#upstart-job",
            "## template:",
            "content-type:",
            "<powershell>",
            "<script>",
            "<persist>",
            "version:",
            "[settings");

    private UserData() {}

    /**
     * Returns user data in base64. What is given is taken for base64 only if it decodes to what user data can begin with;
     * many words, such as {@code production}, are well-formed base64 by chance.
     *
     * @throws ServiceException if it is larger than EC2 takes
     */
    public static String encoded(String given) {
        byte[] decoded = decoded(given);
        return encoded("'userData'", decoded != null && isUserData(decoded) ? decoded : bytes(given));
    }

    /**
     * Returns the user data of the ancestor's envelope, where it is always base64, in base64. Text is accepted too.
     *
     * @throws ServiceException if it is larger than EC2 takes
     */
    public static String ofEnvelope(String given) {
        return ofAncestor("'userData'", given);
    }

    /** Returns the user data of the operator's secret, whose form is the ancestor's. */
    static String ofSecret(String given) {
        return ofAncestor("The secret's 'userData'", given);
    }

    /** What is meant as base64 may decode to any text, since a program of the image's own may read it. */
    private static String ofAncestor(String what, String given) {
        byte[] decoded = decoded(given);
        return encoded(what, decoded != null && (isUserData(decoded) || isText(decoded)) ? decoded : bytes(given));
    }

    private static String encoded(String what, byte[] plain) {
        if (plain.length > MAX_BYTES) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    what + " must be at most " + MAX_BYTES + " bytes before encoding, got " + plain.length + ".");
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

    /** Returns what a text decodes to if it is base64, perhaps broken into lines, and otherwise null. */
    private static byte @Nullable [] decoded(String given) {
        try {
            return Base64.getDecoder().decode(given.replace("\r", "").replace("\n", ""));
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns whether cloud-init, EC2Launch, Ignition or Bottlerocket would know these bytes for user data: by gzip's magic
     * number, by the first line, or by the header of a MIME archive, which may be anywhere in its head.
     */
    private static boolean isUserData(byte[] plain) {
        if (plain.length > 2 && plain[0] == 0x1f && plain[1] == (byte) 0x8b) {
            return true;
        }
        String head = new String(plain, 0, Math.min(plain.length, HEAD_BYTES), StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT);
        String start = head.startsWith(BYTE_ORDER_MARK) ? head.substring(BYTE_ORDER_MARK.length()) : head.strip();
        return BEGINNINGS.stream().anyMatch(start::startsWith) || head.contains("mime-version:") || isIgnition(start);
    }

    /** Ignition reads a JSON object. */
    private static boolean isIgnition(String start) {
        return start.startsWith("{") && start.substring(1).stripLeading().startsWith("\"");
    }

    private static boolean isText(byte[] plain) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(plain))
                    .chars()
                    .noneMatch(c -> Character.isISOControl(c) && !Character.isWhitespace(c));
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}
