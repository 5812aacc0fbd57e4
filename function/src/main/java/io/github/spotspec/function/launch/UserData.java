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

/** Encodes user data, which an instance runs when it first starts, in the base64 that EC2 takes. */
public final class UserData {
    /** EC2's limit, before encoding. */
    private static final int MAX_BYTES = 16 * 1024;

    /** The folder in the function's own jar to which the construct adds the deployment's user data. */
    private static final String FOLDER = "/spotspec/userdata/";

    /** Cloud-init looks for a MIME header in this many bytes. */
    private static final int HEAD_BYTES = 4_096;

    /** The byte order mark of UTF-8, with one character for each byte. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    /** In lower case, because cloud-init ignores case. It also skips white space before them. */
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
     * Returns user data in base64. Treats the input as base64 only if it decodes to a known beginning of user data,
     * because many words, such as {@code production}, happen to be well-formed base64.
     *
     * @throws ServiceException if the user data is larger than EC2 allows
     */
    public static String encoded(String userData) {
        byte[] decoded = decoded(userData);
        return encoded("'userData'", decoded != null && isUserData(decoded) ? decoded : bytes(userData));
    }

    /**
     * Returns the user data of the envelope in base64. In the ancestor's envelope, user data is always base64; this
     * method also accepts text.
     *
     * @throws ServiceException if the user data is larger than EC2 allows
     */
    public static String ofEnvelope(String userData) {
        return ofAncestor("'userData'", userData);
    }

    /** Returns the user data of the operator's secret in base64. The secret has the ancestor's form. */
    static String ofSecret(String userData) {
        return ofAncestor("The secret's 'userData'", userData);
    }

    /**
     * Encodes user data of the ancestor's form. Base64 may decode to any text, because a program in the image may read
     * it.
     */
    private static String ofAncestor(String what, String userData) {
        byte[] decoded = decoded(userData);
        return encoded(what, decoded != null && (isUserData(decoded) || isText(decoded)) ? decoded : bytes(userData));
    }

    private static String encoded(String what, byte[] plain) {
        if (plain.length > MAX_BYTES) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    what + " must be at most " + MAX_BYTES + " bytes before encoding, got " + plain.length + ".");
        }
        return Base64.getEncoder().encodeToString(plain);
    }

    /**
     * Returns the deployment's user data of the given name in base64.
     *
     * @throws IllegalStateException if the deployment has no user data of that name
     */
    public static String named(String name) {
        try (InputStream in = UserData.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the settings name the user data " + name + ", but the package does not contain it");
            }
            return Base64.getEncoder().encodeToString(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the decoded bytes if a text is base64, with or without line breaks, and null otherwise. */
    private static byte @Nullable [] decoded(String userData) {
        try {
            return Base64.getDecoder().decode(userData.replace("\r", "").replace("\n", ""));
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns whether cloud-init, EC2Launch, Ignition or Bottlerocket would recognize these bytes as user data: by
     * gzip's magic number, by the first line, or by the header of a MIME archive, which may be anywhere in its head.
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

    /** Returns whether a text begins like a JSON object, which Ignition reads. */
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
