package io.github.spotspec.function.ec2;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Parses the rows of DescribeSpotPriceHistory directly from the HTTP response, and passes the SDK an answer without
 * them. A page has a thousand rows. The SDK would first build a tree of the whole document, and then objects with
 * builders. A sweep of all pools reads hundreds of pages, and would take several times the time and the memory.
 */
final class SpotPriceReader {
    private static final ExecutionAttribute<SpotPriceReader> OF_CALL = new ExecutionAttribute<>("spotspec.spotPrices");
    private static final XMLInputFactory XML = xml();

    /** The format of EC2's times; a zero stands for any digit. */
    private static final String TIME = "0000-00-00T00:00:00.000Z";

    private static final int WHOLE_SECONDS = "0000-00-00T00:00:00Z".length();
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final String region;
    private List<PoolPrice> rows = List.of();
    private int skipped;

    /** Creates a reader for the pages of one query, one page after another. */
    SpotPriceReader(String region) {
        this.region = region;
    }

    /** Registers this reader for the answer of a call. */
    void of(AwsRequestOverrideConfiguration.Builder call) {
        call.putExecutionAttribute(OF_CALL, this);
    }

    /** Returns the rows of the last page. */
    List<PoolPrice> rows() {
        return rows;
    }

    /** Returns how many rows of the last page were skipped, because their pool, price or time is missing or invalid. */
    int skipped() {
        return skipped;
    }

    /** Returns the interceptor that passes a client's answers to the reader that the call was registered with. */
    static ExecutionInterceptor interceptor() {
        return new ExecutionInterceptor() {
            @Override
            public Optional<InputStream> modifyHttpResponseContent(
                    Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
                SpotPriceReader reader = attributes.getAttribute(OF_CALL);
                if (reader == null
                        || !context.httpResponse().isSuccessful()
                        || context.responseBody().isEmpty()) {
                    return context.responseBody();
                }
                return Optional.of(new ByteArrayInputStream(
                        reader.read(context.responseBody().get()).getBytes(StandardCharsets.UTF_8)));
            }
        };
    }

    /** Parses a page, and returns what the SDK parses instead of it. */
    private String read(InputStream page) {
        rows = List.of();
        skipped = 0;
        List<PoolPrice> read = new ArrayList<>();
        int unusable = 0;
        String next = "";
        try (page) {
            XMLStreamReader xml = XML.createXMLStreamReader(page);
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamReader.START_ELEMENT) {
                    switch (xml.getLocalName()) {
                        case "spotPriceHistorySet" -> {
                            while (xml.nextTag() == XMLStreamReader.START_ELEMENT) {
                                PoolPrice row = row(xml);
                                if (row == null) {
                                    unusable++;
                                } else {
                                    read.add(row);
                                }
                            }
                        }
                        case "nextToken" -> next = xml.getElementText();
                        default -> {}
                    }
                }
            }
        } catch (XMLStreamException | IOException e) {
            // An incomplete answer is requested again, as the SDK itself does.
            throw RetryableException.create("an incomplete page of spot prices", e);
        }
        rows = read;
        skipped = unusable;
        return "<Page><nextToken>" + escaped(next) + "</nextToken></Page>";
    }

    /**
     * Parses a row, ignoring everything but the pool, the price and the time. Returns null if one of these is missing
     * or invalid.
     */
    private @Nullable PoolPrice row(XMLStreamReader xml) throws XMLStreamException {
        String zone = null;
        String zoneId = null;
        String type = null;
        String product = null;
        String price = null;
        String since = null;
        while (xml.nextTag() == XMLStreamReader.START_ELEMENT) {
            switch (xml.getLocalName()) {
                case "availabilityZone" -> zone = xml.getElementText();
                case "availabilityZoneId" -> zoneId = xml.getElementText().intern();
                case "instanceType" -> type = xml.getElementText();
                case "productDescription" -> product = xml.getElementText();
                case "spotPrice" -> price = xml.getElementText();
                case "timestamp" -> since = xml.getElementText();
                default -> skipElement(xml);
            }
        }
        if (zone == null || type == null || product == null || price == null || since == null) {
            return null;
        }
        try {
            BigDecimal usd = new BigDecimal(price);
            // Thousands of pools in all regions share a few hundred names.
            return usd.signum() > 0
                    ? PoolPrice.of(region, zone.intern(), zoneId, type.intern(), product.intern(), usd, time(since))
                    : null;
        } catch (ArithmeticException | NumberFormatException | DateTimeException e) {
            return null;
        }
    }

    private static void skipElement(XMLStreamReader xml) throws XMLStreamException {
        for (int depth = 1; depth > 0; ) {
            switch (xml.next()) {
                case XMLStreamReader.START_ELEMENT -> depth++;
                case XMLStreamReader.END_ELEMENT -> depth--;
                default -> {}
            }
        }
    }

    /**
     * Parses a time. {@link Instant#parse} takes many times as long, because it supports formats that EC2 does not use.
     */
    private static Instant time(String text) {
        boolean millis = text.length() == TIME.length();
        if ((!millis && text.length() != WHOLE_SECONDS) || !isUsual(text)) {
            return Instant.parse(text);
        }
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19),
                        millis ? number(text, 20, 23) * NANOS_PER_MILLI : 0)
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /** Returns whether a time has EC2's format, as far as its length goes. */
    private static boolean isUsual(String time) {
        int last = time.length() - 1;
        for (int i = 0; i < last; i++) {
            char usual = TIME.charAt(i);
            char c = time.charAt(i);
            if (usual == '0' ? (c < '0' || c > '9') : c != usual) {
                return false;
            }
        }
        return time.charAt(last) == 'Z';
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static XMLInputFactory xml() {
        XMLInputFactory xml = XMLInputFactory.newDefaultFactory();
        xml.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        xml.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        xml.setProperty(XMLInputFactory.IS_COALESCING, true);
        return xml;
    }
}
