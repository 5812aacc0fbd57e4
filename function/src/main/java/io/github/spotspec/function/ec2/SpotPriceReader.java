package io.github.spotspec.function.ec2;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Reads the rows of DescribeSpotPriceHistory off the wire, and leaves the SDK an answer without them. A page has a thousand, of
 * which the SDK would first make a tree of the whole document and then objects with builders: a sweep of all pools is hundreds of
 * pages, and would take several times the time and the memory.
 */
final class SpotPriceReader {
    private static final ExecutionAttribute<SpotPriceReader> OF_CALL = new ExecutionAttribute<>("spotspec.spotPrices");
    private static final XMLInputFactory XML = xml();

    private final String region;
    private final Map<String, String> names = new HashMap<>();
    private List<PoolPrice> rows = List.of();

    /** Makes a reader for the pages of one question, one page after another. */
    SpotPriceReader(String region) {
        this.region = region;
    }

    /** Has the rows of a call's answer read by this. */
    void of(AwsRequestOverrideConfiguration.Builder call) {
        call.putExecutionAttribute(OF_CALL, this);
    }

    /** Returns the rows of the page that was read last. */
    List<PoolPrice> rows() {
        return rows;
    }

    /** Returns what has a client's answers read by the reader that the call was made with. */
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

    /** Reads a page, and returns what the SDK is to read of it. */
    private String read(InputStream page) {
        rows = List.of();
        List<PoolPrice> read = new ArrayList<>();
        String next = "";
        try (page) {
            XMLStreamReader xml = XML.createXMLStreamReader(page);
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamReader.START_ELEMENT) {
                    switch (xml.getLocalName()) {
                        case "spotPriceHistorySet" -> {
                            while (xml.nextTag() == XMLStreamReader.START_ELEMENT) {
                                read.add(row(xml));
                            }
                        }
                        case "nextToken" -> next = xml.getElementText();
                        default -> {}
                    }
                }
            }
        } catch (XMLStreamException | IOException e) {
            // What breaks off on its way is asked for again, as by the SDK itself.
            throw RetryableException.create("the page of spot prices is not whole", e);
        } catch (NumberFormatException | DateTimeParseException e) {
            throw SdkClientException.create("a spot price is not of EC2's form", e);
        }
        rows = read;
        return "<Page><nextToken>" + escaped(next) + "</nextToken></Page>";
    }

    /** Reads a row; what it has beside a pool, a price and a time is passed over. */
    private PoolPrice row(XMLStreamReader xml) throws XMLStreamException {
        Map<String, String> cells = new HashMap<>();
        while (xml.nextTag() == XMLStreamReader.START_ELEMENT) {
            String name = xml.getLocalName();
            StringBuilder text = new StringBuilder();
            for (int depth = 1; depth > 0; ) {
                int event = xml.next();
                if (event == XMLStreamReader.START_ELEMENT) {
                    depth++;
                } else if (event == XMLStreamReader.END_ELEMENT) {
                    depth--;
                } else if (depth == 1 && xml.isCharacters()) {
                    text.append(xml.getText());
                }
            }
            cells.put(name, text.toString());
        }
        return new PoolPrice(
                region,
                name(cell(cells, "availabilityZone")),
                name(cell(cells, "instanceType")),
                name(cell(cells, "productDescription")),
                new BigDecimal(cell(cells, "spotPrice")),
                Instant.parse(cell(cells, "timestamp")));
    }

    /** Nothing is made up for what is not there. */
    private static String cell(Map<String, String> cells, String name) {
        String cell = cells.get(name);
        if (cell == null) {
            throw SdkClientException.create("a spot price of EC2's has no " + name);
        }
        return cell;
    }

    /** Thousands of pools share some hundred names. */
    private String name(String name) {
        String known = names.putIfAbsent(name, name);
        return known == null ? name : known;
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
