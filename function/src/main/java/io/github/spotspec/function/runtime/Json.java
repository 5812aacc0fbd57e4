package io.github.spotspec.function.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON as plain values: {@link Map}, {@link List}, {@link String}, {@link BigDecimal}, {@link Boolean}
 * and null.
 *
 * <p>Parsing is strict: a text holds one document without duplicate keys, at most {@value #MAX_DEPTH} levels deep and
 * with at most {@value #MAX_DIGITS} characters in a number. For any other text, the parser throws a
 * {@link JsonException}. Thread-safe.
 */
public final class Json {
    /** The maximum nesting depth of a document. */
    public static final int MAX_DEPTH = 24;

    private static final int MAX_DIGITS = 40;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_DIGITS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private Json() {}

    /**
     * Parses one document. The document may start with a byte order mark, which some editors and shells write. RFC 8259
     * allows parsers to ignore it.
     *
     * @throws JsonException if the text is not JSON that this class accepts
     */
    public static @Nullable Object parse(String document) {
        try (JsonParser parser =
                FACTORY.createParser(document.startsWith("\ufeff") ? document.substring(1) : document)) {
            return document(parser);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /**
     * Parses one document in UTF-8.
     *
     * @throws JsonException if the bytes are not JSON that this class accepts
     */
    public static @Nullable Object parse(InputStream document) throws IOException {
        try (JsonParser parser = FACTORY.createParser(document)) {
            return document(parser);
        }
    }

    /** Starts a document in UTF-8. Closing the generator leaves {@code out} open. */
    public static JsonGenerator writer(OutputStream out) throws IOException {
        // Jackson's own UTF-8 encoder fails on an unpaired surrogate, which callers may send. Java's encoder writes a
        // question mark instead.
        JsonGenerator generator = FACTORY.createGenerator(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        return generator;
    }

    /** Writes a value: the types that {@link #parse} returns, and instants in ISO-8601. */
    public static void write(JsonGenerator out, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case BigDecimal number -> out.writeNumber(number.toPlainString());
            case Integer number -> out.writeNumber(number);
            case Long number -> out.writeNumber(number);
            case Boolean flag -> out.writeBoolean(flag);
            case Instant time -> out.writeString(time.toString());
            case List<?> list -> {
                out.writeStartArray();
                for (Object element : list) {
                    write(out, element);
                }
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.writeFieldName((String) entry.getKey());
                    write(out, entry.getValue());
                }
                out.writeEndObject();
            }
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    /** Returns a value as a JSON document. */
    public static String text(@Nullable Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = writer(bytes)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static @Nullable Object document(JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() == null) {
                throw new JsonException("it is empty");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw malformed("there is text after the end", parser);
            }
            return value;
        } catch (ArithmeticException | NumberFormatException e) {
            throw malformed("a number is out of range", parser);
        } catch (JsonProcessingException e) {
            throw malformed(
                    e.getOriginalMessage().startsWith("Duplicate")
                            ? "a key occurs twice"
                            : "it is incomplete or malformed",
                    parser);
        }
    }

    private static JsonException malformed(String what, JsonParser parser) {
        var at = parser.currentLocation();
        return new JsonException(what + " at line " + at.getLineNr() + ", column " + at.getColumnNr());
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                yield map;
            }
            default -> throw malformed("it is incomplete", parser);
        };
    }
}
