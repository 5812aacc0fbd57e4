package io.github.spotspec.function.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request, in either form: the flat form, or the ancestor's envelope ({@code construct} and
 * {@code attributes}). All other code treats both forms the same. A field keeps its path in the request, so that error
 * messages can name it. A field with the value null counts as missing. Not thread-safe; use one instance per request.
 */
public final class Fields {
    /** The task that the request asks for. */
    public static final Field<String> TASK = Field.text("task", "the name of a task", name -> true);
    /** The current code of the MFA device. May be empty, as in the ancestor, if the task does not need a code. */
    public static final Field<String> MFA_CODE = Field.text(
                    "mfaCode",
                    "the six digits that the MFA device shows",
                    code -> code.isEmpty() || Syntax.isMfaCode(code))
            .or("tokenCode")
            .secret();
    /** The lifetime of MFA credentials in seconds, within the bounds of STS GetSessionToken. */
    public static final Field<Integer> DURATION_SECONDS = Field.integer("durationSeconds", 900, 129_600);
    /** The session from an earlier answer, instead of a code. */
    public static final Field<String> SESSION = Field.text(
                    "session",
                    "the session from an earlier answer, unchanged",
                    session -> Syntax.isPrintable(session, 16 * 1024))
            .secret();
    /** Whether this request is logged in detail. */
    public static final Field<Boolean> IS_LOGGING = Field.bool("isLogging");

    /** The fields that every task knows. */
    public static final List<Field<?>> COMMON = List.of(TASK, MFA_CODE, DURATION_SECONDS, SESSION, IS_LOGGING);

    /**
     * The ancestor's own attributes. Its users send the same envelope every time and change only the task. Therefore a
     * task ignores those attributes of an envelope that it does not use.
     */
    private static final Set<String> ANCESTORS = Set.of(
            "type",
            "product",
            "InstanceTypes",
            "ProductDescriptions",
            "dryRun",
            "ami",
            "price",
            "keyName",
            "securityGroups",
            "securityGroupIds",
            "userData",
            "fileUserData",
            "count",
            "launchSpecification",
            "instanceIds",
            "spotInstanceRequestIds");

    private record Received(String path, Object value) {}

    private final Map<String, Received> received = new LinkedHashMap<>();
    private final Map<String, Received> offered = new LinkedHashMap<>();
    private final boolean envelope;

    private Fields(boolean envelope) {
        this.envelope = envelope;
    }

    /**
     * Reads the body of a request.
     *
     * @param body maps, lists, strings, decimals, booleans and nulls
     * @throws ServiceException if the body is not an object, or the envelope is malformed
     */
    public static Fields of(@Nullable Object body) {
        if (!(body instanceof Map<?, ?> map)) {
            throw new ServiceException(ErrorCode.INVALID_JSON, "The body must be one JSON object.");
        }
        boolean envelope = map.containsKey("construct") || map.containsKey("attributes");
        Fields fields = new Fields(envelope);
        if (envelope) {
            fields.open(map);
        } else {
            fields.take("", map);
        }
        return fields;
    }

    /**
     * Reads an object inside a request.
     *
     * @param path the prefix of its fields' names in error messages
     * @throws ServiceException if it is not an object
     */
    public static Fields inside(String path, @Nullable Object value) {
        Fields fields = new Fields(false);
        fields.take(path, object(path.substring(0, path.length() - 1), value));
        return fields;
    }

    /**
     * Adds a value from outside the body, such as a header. It is used if the task knows the field and the body does
     * not have it. Other tasks ignore it.
     *
     * @param path where the value is in the request, for error messages
     */
    public void offer(String name, String path, String value) {
        offered.put(name, new Received(path, value));
    }

    /** Returns the checked value of a field, or null if the field is missing. */
    public <T> @Nullable T get(Field<T> field) {
        Received found = null;
        for (String name : field.names()) {
            Received candidate = received.get(name);
            if (candidate != null && found != null) {
                throw twice(found, candidate);
            }
            found = candidate != null ? candidate : found;
        }
        Received offer = offered.get(field.names().getFirst());
        if (offer != null && found != null && !offer.value().equals(found.value())) {
            throw twice(found, offer);
        }
        Received value = found == null ? offer : found;
        return value == null ? null : field.read(value.path(), value.value());
    }

    private static ServiceException twice(Received one, Received another) {
        return new ServiceException(
                ErrorCode.INVALID_REQUEST,
                "'" + one.path() + "' and '" + another.path() + "' mean the same; send only one of them.");
    }

    /** Returns the checked value of a field, or a default if the field is missing. */
    public <T> T get(Field<T> field, T otherwise) {
        T value = get(field);
        return value == null ? otherwise : value;
    }

    /** Returns the checked value of a required field. */
    public <T> T require(Field<T> field) {
        T value = get(field);
        if (value == null) {
            throw new ServiceException(
                    ErrorCode.MISSING_FIELD,
                    "'" + field.names().getFirst() + "' is required and must be " + field.expected() + ".");
        }
        return value;
    }

    /** Returns whether the request has the form of the ancestor's envelope. */
    public boolean isEnvelope() {
        return envelope;
    }

    /**
     * Returns the path of each given field, without its value. Leaves out paths that cannot be those of a known field.
     */
    public List<String> knownPaths() {
        return received.values().stream()
                .map(Received::path)
                .filter(path -> path.length() <= 60 && path.chars().allMatch(c -> c == '.' || Character.isLetter(c)))
                .toList();
    }

    /** Rejects the request if it has a field that is neither one of these nor one that every task knows. */
    public void rejectUnknown(List<Field<?>> known) {
        List<Field<?>> all = new ArrayList<>(known);
        all.addAll(COMMON);
        rejectOthersThan(all);
    }

    /**
     * Rejects the request if it has a field that is not one of these. In an envelope, the ancestor's own attributes are
     * ignored.
     */
    public void rejectOthersThan(List<Field<?>> known) {
        for (Map.Entry<String, Received> entry : received.entrySet()) {
            String name = entry.getKey();
            if (!knows(known, name) && !(envelope && ANCESTORS.contains(name))) {
                throw new ServiceException(
                        ErrorCode.UNKNOWN_FIELD,
                        "Unknown field '" + clipped(entry.getValue().path()) + "'. Known fields: "
                                + String.join(
                                        ", ",
                                        known.stream()
                                                .map(field -> field.names().getFirst())
                                                .toList()) + ".");
            }
        }
    }

    private static boolean knows(List<Field<?>> fields, String name) {
        return fields.stream().anyMatch(field -> field.names().contains(name));
    }

    private void open(Map<?, ?> envelope) {
        for (Map.Entry<?, ?> part : envelope.entrySet()) {
            switch ((String) part.getKey()) {
                case "attributes" -> take("attributes.", object("attributes", part.getValue()));
                case "construct" -> {
                    for (Map.Entry<?, ?> inner :
                            object("construct", part.getValue()).entrySet()) {
                        String name = (String) inner.getKey();
                        Map<?, ?> fields = object("construct." + clipped(name), inner.getValue());
                        switch (name) {
                            case "keys" -> takeOnly("construct.keys.", fields, Set.of("region"));
                            case "upgrade" ->
                                takeOnly("construct.upgrade.", fields, Set.of("tokenCode", "durationSeconds"));
                            default -> throw unknown("construct." + name, "keys, upgrade");
                        }
                    }
                }
                case String other -> throw unknown(other, "construct, attributes");
            }
        }
    }

    private static Map<?, ?> object(String path, @Nullable Object value) {
        return switch (value) {
            case null -> Map.of();
            case Map<?, ?> map -> map;
            default -> throw new ServiceException(ErrorCode.INVALID_REQUEST, "'" + path + "' must be an object.");
        };
    }

    private void takeOnly(String prefix, Map<?, ?> fields, Set<String> allowed) {
        for (Object name : fields.keySet()) {
            if (!allowed.contains((String) name)) {
                throw unknown(
                        prefix + name,
                        String.join(", ", allowed.stream().sorted().toList()));
            }
        }
        take(prefix, fields);
    }

    private void take(String prefix, Map<?, ?> fields) {
        fields.forEach((name, value) -> {
            if (value != null) {
                Received now = new Received(prefix + name, value);
                Received before = received.putIfAbsent((String) name, now);
                if (before != null) {
                    throw twice(before, now);
                }
            }
        });
    }

    private static ServiceException unknown(String path, String known) {
        return new ServiceException(
                ErrorCode.UNKNOWN_FIELD,
                "Unknown field '" + clipped(path) + "' in the envelope. Known fields: " + known + ".");
    }

    private static String clipped(String path) {
        return Syntax.clipped(path, 60);
    }
}
