package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.ec2.Tags;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the caller's tags for a launch by EC2's rules: keys of 1 to 128 characters and values of up to 256, of any
 * script. An error message names the tag.
 */
final class LaunchTags {
    static final Field<Map<String, String>> FIELD = Field.of(
            "tags",
            "an object with at most 38 tags: keys of 1 to 128 characters that do not start with aws: or spotspec: in"
                    + " upper or lower case, and values of at most 256 characters",
            LaunchTags::read);

    private static final int MAX_TAGS = 38;
    private static final int MAX_KEY_LENGTH = 128;
    private static final int MAX_VALUE_LENGTH = 256;
    private static final int MAX_SHOWN = 60;

    private LaunchTags() {}

    private static @Nullable Map<String, String> read(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        if (map.size() > MAX_TAGS) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE, "'tags' must have at most " + MAX_TAGS + " tags, got " + map.size() + ".");
        }
        Map<String, String> tags = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = (String) entry.getKey();
            String tag = "Tag '" + Syntax.clipped(key, MAX_SHOWN) + "' in 'tags'";
            if (Tags.isReserved(key)) {
                throw new ServiceException(
                        ErrorCode.INVALID_VALUE,
                        tag + " starts with aws: or spotspec:, which are reserved in upper and lower case; rename it.");
            }
            if (!(entry.getValue() instanceof String text)) {
                throw new ServiceException(ErrorCode.INVALID_VALUE, tag + " must have a string as its value.");
            }
            check(tag + " has a key", key, 1, MAX_KEY_LENGTH);
            check(tag + " has a value", text, 0, MAX_VALUE_LENGTH);
            tags.put(key, text);
        }
        return Collections.unmodifiableMap(tags);
    }

    private static void check(String what, String text, int least, int most) {
        // EC2 counts characters. Java needs two {@code char} values for some of them.
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    what + " of " + length + " characters; EC2 allows " + least + " to " + most + ".");
        }
        text.codePoints().filter(character -> !isXml(character)).findFirst().ifPresent(character -> {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    what + " with the character U+" + String.format("%04X", character)
                            + ", which EC2 cannot return because XML does not allow it.");
        });
    }

    /** Returns whether a code point is a character in XML 1.0. An unpaired surrogate is not. */
    private static boolean isXml(int character) {
        return character == '\t'
                || character == '\n'
                || character == '\r'
                || (character >= ' ' && character < Character.MIN_SURROGATE)
                || (character > Character.MAX_SURROGATE && character < 0xfffe)
                || character > 0xffff;
    }
}
