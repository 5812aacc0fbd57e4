package io.github.spotspec.function.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Checks ED25519 public keys in the format of OpenSSH (RFC 4253, section 6.6, and RFC 8709): the type, a space, and the
 * base64 of the type and the key, each after its length. There is no comment, and no option as in an authorized_keys
 * file.
 */
public final class SshPublicKey {
    private static final String TYPE = "ssh-ed25519";
    private static final byte[] TYPE_BYTES = TYPE.getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 32;
    private static final int BLOB_BYTES = 4 + TYPE_BYTES.length + 4 + KEY_BYTES;

    /** 51 bytes are 68 characters of base64, without padding. */
    private static final int LENGTH = TYPE.length() + 1 + BLOB_BYTES / 3 * 4;

    private SshPublicKey() {}

    /** Returns whether a text is an ED25519 public key. */
    public static boolean isEd25519(String text) {
        if (text.length() != LENGTH || !text.startsWith(TYPE + " ")) {
            return false;
        }
        byte[] blob;
        try {
            blob = Base64.getDecoder().decode(text.substring(TYPE.length() + 1));
        } catch (IllegalArgumentException e) {
            return false;
        }
        return blob.length == BLOB_BYTES
                && hasLength(blob, 0, TYPE_BYTES.length)
                && Arrays.equals(blob, 4, 4 + TYPE_BYTES.length, TYPE_BYTES, 0, TYPE_BYTES.length)
                && hasLength(blob, 4 + TYPE_BYTES.length, KEY_BYTES);
    }

    /** Returns whether four bytes are a length, in network byte order. */
    private static boolean hasLength(byte[] blob, int at, int length) {
        return blob[at] == 0 && blob[at + 1] == 0 && blob[at + 2] == 0 && blob[at + 3] == length;
    }
}
