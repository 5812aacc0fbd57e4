package io.github.spotspec.local.wire;

import java.io.StringWriter;
import java.util.function.Consumer;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** Writes the XML responses of AWS's query protocols. */
public final class Xml {
    private static final XMLOutputFactory FACTORY = XMLOutputFactory.newFactory();

    private final XMLStreamWriter out;

    private Xml(XMLStreamWriter out) {
        this.out = out;
    }

    /** Returns a document. */
    public static String document(String root, @Nullable String namespace, Consumer<Xml> content) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter out = FACTORY.createXMLStreamWriter(text);
            out.writeStartElement(root);
            if (namespace != null) {
                out.writeDefaultNamespace(namespace);
            }
            content.accept(new Xml(out));
            out.writeEndElement();
            out.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /** Writes an element with text, unless the value is null. */
    public Xml put(String name, @Nullable Object value) {
        if (value != null) {
            try {
                out.writeStartElement(name);
                out.writeCharacters(value.toString());
                out.writeEndElement();
            } catch (XMLStreamException e) {
                throw new IllegalStateException(e);
            }
        }
        return this;
    }

    /** Writes an element with nested elements. */
    public Xml nest(String name, Consumer<Xml> content) {
        try {
            out.writeStartElement(name);
            content.accept(this);
            out.writeEndElement();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    /** Writes a list: an element with one nested element for each item. */
    public <T> Xml list(String name, String member, Iterable<T> items, java.util.function.BiConsumer<Xml, T> content) {
        return nest(name, list -> {
            for (T item : items) {
                list.nest(member, element -> content.accept(element, item));
            }
        });
    }

    /** Writes text inside the current element. */
    public Xml text(Object value) {
        try {
            out.writeCharacters(value.toString());
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }
}
