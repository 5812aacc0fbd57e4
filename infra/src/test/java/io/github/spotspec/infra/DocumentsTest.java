package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.services.lambda.Architecture;

/** The README's tables of the construct, and the links of all documents. */
final class DocumentsTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("`(\\w+)(?:\\(.*?\\))?`");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");

    /** What the tables say where there is nothing, if it is not as usual. */
    private static final Map<String, String> NOTHING = Map.of(
            "regions", "the stack's region",
            "rotateKeyEvery", "never",
            "maxVolumeSize", "no limit",
            "interruptionTopic", "a new one",
            "logGroup", "a new one",
            "encryptionKey", "AWS managed keys",
            "alarmTopic", "no alarms",
            "watchedTypes", "none");

    private static final Map<Set<SpotTask>, String> TASKS = Map.of(
            Set.of(SpotTask.values()),
            "all",
            Set.of(SpotTask.LAUNCH, SpotTask.EXTEND, SpotTask.CANCEL, SpotTask.TERMINATE, SpotTask.END),
            "those that cost or destroy");

    @Test
    void theTablesOfPropsNameEachOnceAndNothingElse() throws IOException {
        Set<String> props = Arrays.stream(SpotServiceProps.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == SpotServiceProps.Builder.class)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(List.copyOf(props), defaults().keySet().stream().sorted().toList());
    }

    @Test
    void theTablesOfPropsTellTheDefaults() throws Exception {
        SpotServiceProps props = SpotServiceProps.builder().build();
        Map<String, String> told = new TreeMap<>();
        for (Field prop : SpotServiceProps.class.getDeclaredFields()) {
            if (!Modifier.isStatic(prop.getModifiers())) {
                told.put(prop.getName(), words(prop.getName(), prop.get(props)));
            }
        }

        assertEquals(told, new TreeMap<>(defaults()));
    }

    /** Returns how the tables tell the value of a prop. */
    private static String words(String prop, @Nullable Object value) {
        if (value == null
                || (value instanceof Collection<?> none && none.isEmpty())
                || (value instanceof Map<?, ?> empty && empty.isEmpty())) {
            return NOTHING.getOrDefault(prop, value instanceof Collection<?> ? "any" : "none");
        }
        if (value instanceof Set<?> tasks) {
            return TASKS.getOrDefault(tasks, tasks.toString());
        }
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (value instanceof SpotCredentials credentials && credentials.isUser()) {
            return "`SpotCredentials.user()`";
        }
        if (UrlAuth.iam().equals(value)) {
            return "`UrlAuth.iam()`";
        }
        if (value instanceof Duration duration) {
            return words(duration);
        }
        if (value instanceof Size size) {
            return size.toMebibytes().intValue() + " MiB";
        }
        if (value instanceof Architecture architecture) {
            return architecture.getName();
        }
        if (value instanceof Enum<?> choice) {
            return choice.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
        return value instanceof Boolean ? "`" + value + "`" : value.toString();
    }

    @Test
    void theTableOfMembersNamesThemAll() throws IOException {
        String table = section("## Properties and methods");
        Set<String> named = CODE.matcher(table)
                .results()
                .map(DocumentsTest::name)
                .filter(name -> name.matches("(get|grant|metric)[A-Z]\\w*"))
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> members = Arrays.stream(SpotService.class.getMethods())
                .filter(method -> method.getDeclaringClass().getPackageName().equals("io.github.spotspec.infra")
                        && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !name.startsWith("metric") || name.equals("metricLaunches"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(members, named);
    }

    @Test
    void theListOfWhatMayChangeNamesAllThatIsMarked() throws IOException {
        Set<String> marked = new TreeSet<>();
        for (Class<?> type : List.of(
                SpotService.class,
                ServiceMetrics.class,
                SpotServiceProps.class,
                SpotServiceProps.Builder.class,
                SpotCredentials.class,
                SpotEventForwarder.class,
                SpotTask.class,
                UrlAuth.class)) {
            if (type.isAnnotationPresent(Beta.class)) {
                marked.add(type.getSimpleName());
            }
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Beta.class))
                    .forEach(method -> marked.add(method.getName()));
        }

        Matcher list = Pattern.compile("(?s)marked `@Beta` may still\\s+change: ([^.]*)\\.")
                .matcher(section("## Import it"));
        assertTrue(list.find());
        assertEquals(
                marked,
                CODE.matcher(list.group(1))
                        .results()
                        .map(DocumentsTest::name)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                links++;
                Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
                boolean isThere = Files.exists(target)
                        && (link.group(2) == null || anchors(target).contains(link.group(2)));
                if (!isThere) {
                    broken.add(document + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 30, "only " + links + " links are found");
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String folder : List.of(".", "docs")) {
            try (Stream<Path> files = Files.list(PROJECT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        return documents;
    }

    /** Returns what GitHub makes of headings. */
    private static Set<String> anchors(Path document) throws IOException {
        return Pattern.compile("(?m)^#+ (.*)$")
                .matcher(Files.readString(document))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", ""))
                .map(heading -> heading.replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** Returns the default of each prop, as the tables have it. */
    private static Map<String, String> defaults() throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String line : section("## Limits").lines().toList()) {
            String[] cells = line.split(" \\| ", -1);
            if (line.startsWith("| `")) {
                List<String> names = CODE.matcher(cells[0])
                        .results()
                        .map(DocumentsTest::name)
                        .toList();
                String[] values = cells[1].split(", ", -1);
                for (int i = 0; i < names.size(); i++) {
                    String before = defaults.put(names.get(i), values.length == names.size() ? values[i] : cells[1]);
                    assertEquals(null, before, names.get(i) + " stands twice");
                }
            }
        }
        return defaults;
    }

    private static String name(MatchResult found) {
        return found.group(1);
    }

    private static String section(String heading) throws IOException {
        String readme = Files.readString(PROJECT.resolve("README.md"));
        int start = readme.indexOf("\n" + heading + "\n") + 1;
        assertTrue(start > 0, heading);
        int end = readme.indexOf("\n## ", start);
        return readme.substring(start, end < 0 ? readme.length() : end);
    }

    private static String words(Duration duration) {
        long seconds = duration.toSeconds().longValue();
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + " days";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + " hours";
        }
        return seconds % 60 == 0 ? seconds / 60 + " minutes" : seconds + " seconds";
    }
}
