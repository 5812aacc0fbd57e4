package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.lambda.Architecture;

/** Compares the documents with the code: props and defaults, members, metrics and alarms, and links. */
final class DocumentsTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("`(\\w+)(?:\\(.*?\\))?`");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
    private static final Pattern QUANTITY = Pattern.compile("([0-9]+) (second|minute|hour|day|MiB)s?");
    private static final Map<String, Integer> UNITS =
            Map.of("second", 1, "minute", 60, "hour", 3_600, "day", 86_400, "MiB", 1);

    private static final List<Class<?>> API = List.of(
            SpotService.class,
            ServiceMetrics.class,
            ISpotService.class,
            SpotServiceAttributes.class,
            SpotServiceProps.class,
            SpotServiceProps.Builder.class,
            SpotCredentials.class,
            SpotEventForwarder.class,
            SpotTask.class,
            UrlAuth.class);

    @Test
    void documentListsEveryPropOnce() throws IOException {
        Set<String> props = Arrays.stream(SpotServiceProps.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == SpotServiceProps.Builder.class)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(List.copyOf(props), defaults().keySet().stream().sorted().toList());
    }

    @Test
    void documentStatesEveryDefaultValue() throws Exception {
        SpotServiceProps props = SpotServiceProps.builder().build();
        Map<String, String> cells = defaults();
        List<String> wrong = new ArrayList<>();
        for (Field prop : SpotServiceProps.class.getDeclaredFields()) {
            if (!Modifier.isStatic(prop.getModifiers())) {
                String cell = cells.getOrDefault(prop.getName(), "");
                if (cell.isBlank() || !matches(cell.replace("`", ""), prop.get(props))) {
                    wrong.add(prop.getName() + ": " + cell + ", and not " + prop.get(props));
                }
            }
        }

        assertEquals(List.of(), wrong);
    }

    /** Returns whether a cell states a default. A default that is not a value, such as any, may have any wording. */
    private static boolean matches(String cell, @Nullable Object value) {
        if (value instanceof Duration duration) {
            return quantity(cell) == duration.toSeconds().longValue();
        }
        if (value instanceof Size size) {
            return quantity(cell) == size.toMebibytes().longValue();
        }
        if (value instanceof Architecture architecture) {
            return cell.equals(architecture.getName());
        }
        if (value instanceof Enum<?> constant) {
            return cell.toUpperCase(Locale.ROOT).replace(' ', '_').equals(constant.name());
        }
        if (value instanceof SpotCredentials credentials) {
            return credentials.isUser() && cell.contains("user()");
        }
        if (value instanceof UrlAuth urlAuth) {
            return urlAuth.longestLife() == null && cell.contains("iam()");
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            return List.of(cell.split(", ", -1)).equals(list);
        }
        return !(value instanceof Number || value instanceof Boolean) || cell.equals(value.toString());
    }

    private static long quantity(String cell) {
        Matcher quantity = QUANTITY.matcher(cell);
        return quantity.matches() ? Long.parseLong(quantity.group(1)) * UNITS.getOrDefault(quantity.group(2), 0) : -1;
    }

    @Test
    void documentListsEveryImageName() throws IOException {
        assertEquals(
                SpotServiceProps.IMAGE_NAMES,
                rows("docs/launch.md", "Short name").stream()
                        .map(cells -> cells.get(0).replace("`", ""))
                        .toList());
    }

    @Test
    void documentListsEveryMember() throws IOException {
        Set<String> documented = rows("docs/props.md", "Member").stream()
                .flatMap(cells -> names(String.join(" ", cells)))
                .filter(name -> name.matches("(get|grant|metric)[A-Z]\\w*"))
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> members = Arrays.stream(SpotService.class.getMethods())
                .filter(method -> method.getDeclaringClass().getPackageName().equals("io.github.spotspec.infra")
                        && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !name.startsWith("metric") || name.equals("metricLaunches"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(members, documented);
    }

    @Test
    void documentListsEveryBetaMember() throws IOException {
        Set<String> api = new TreeSet<>();
        Set<String> beta = new TreeSet<>();
        for (Class<?> type : API) {
            api.add(type.getSimpleName());
            if (type.isAnnotationPresent(Beta.class)) {
                beta.add(type.getSimpleName());
            }
            for (Method method : type.getDeclaredMethods()) {
                api.add(method.getName());
                if (method.isAnnotationPresent(Beta.class)) {
                    beta.add(method.getName());
                }
            }
        }

        assertEquals(
                beta,
                Arrays.stream(read("docs/props.md").split("\n\n"))
                        .filter(paragraph -> paragraph.contains("`@Beta`"))
                        .flatMap(DocumentsTest::names)
                        .filter(api::contains)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void documentListsEveryMetric() throws ReflectiveOperationException, IOException {
        SpotService service = new SpotService(new Stack(), "Spot");
        Set<String> metrics = new TreeSet<>();
        for (Method method : ServiceMetrics.class.getMethods()) {
            Class<?>[] parameters = method.getParameterTypes();
            if (method.getReturnType() == Metric.class && Set.of(String.class).containsAll(List.of(parameters))) {
                Object[] arguments = new Object[parameters.length];
                Arrays.fill(arguments, "any");
                metrics.add(((Metric) method.invoke(service, arguments)).getMetricName());
            }
        }

        assertEquals(
                metrics,
                rows("docs/watch.md", "Metric").stream()
                        .flatMap(cells -> names(cells.get(0)))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void documentListsEveryAlarm() throws IOException {
        assertEquals(
                Deployments.watched().all("AWS::CloudWatch::Alarm").stream()
                        .map(alarm -> alarm.id().replaceFirst("SpotAlarms(.*)[0-9A-F]{8}", "$1"))
                        .collect(Collectors.toSet()),
                rows("docs/watch.md", "Alarm").stream()
                        .flatMap(cells -> names(cells.get(0)))
                        .collect(Collectors.toSet()));
    }

    @Test
    void gradleSnippetNamesPublishedArtifacts() throws IOException {
        String snippet = read("docs/import.md").replaceFirst("(?s).*```kotlin(.*?)```.*", "$1");

        assertEquals(
                Set.of(
                        coordinates("infra/pom.xml"),
                        coordinates("test/localcloud/pom.xml"),
                        "org.junit.jupiter:junit-jupiter:" + first("pom.xml", "junit.version")),
                Pattern.compile("[(]\"([^\"]+:[^\"]+:[^\"]+)\"[)]")
                        .matcher(snippet)
                        .results()
                        .map(dependency -> dependency.group(1))
                        .collect(Collectors.toSet()));
    }

    /** Returns the coordinates of a module. Its group and version are those of its parent, which come first. */
    private static String coordinates(String pom) throws IOException {
        String own = read(pom).replaceFirst("(?s).*</parent>", "");
        return first(pom, "groupId") + ":" + own.replaceFirst("(?s).*?<artifactId>(.*?)<.*", "$1") + ":"
                + first(pom, "version");
    }

    /** Returns the content of a file's first element of a name. */
    private static String first(String file, String element) throws IOException {
        return read(file).replaceFirst("(?s).*?<" + element + ">(.*?)<.*", "$1");
    }

    @Test
    void documentNamesOldestCdk() throws IOException {
        assertTrue(read("docs/import.md").contains("`spotspec needs aws-cdk-lib " + CdkVersion.OLDEST + " or newer`"));
    }

    @Test
    void everyLinkHasATarget() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                links++;
                Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
                boolean exists = Files.exists(target)
                        && (link.group(2) == null || anchors(target).contains(link.group(2)));
                if (!exists) {
                    broken.add(document + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 30, "found only " + links + " links");
    }

    @Test
    void indexListsEveryPage() throws IOException {
        String index = read("docs/README.md");

        assertEquals(
                List.of(),
                pages().stream()
                        .filter(page -> !index.contains("](" + page + ")"))
                        .toList());
    }

    @Test
    void everyPageStartsWithItsPurpose() throws IOException {
        List<String> without = new ArrayList<>();
        for (String page : pages()) {
            if (!read("docs/" + page).matches("(?s)# [^\n]+\n\nAfter reading this page,? you .*")) {
                without.add(page);
            }
        }
        assertEquals(List.of(), without);
    }

    /** Returns the names of the pages in the folder {@code docs}, without its index. */
    private static List<String> pages() throws IOException {
        try (Stream<Path> files = Files.list(PROJECT.resolve("docs"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".md") && !name.equals("README.md"))
                    .sorted()
                    .toList();
        }
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

    /** Returns the anchors that GitHub creates for the headings of a document. */
    private static Set<String> anchors(Path document) throws IOException {
        return Pattern.compile("(?m)^#+ (.*)$")
                .matcher(Files.readString(document))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", ""))
                .map(heading -> heading.replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** Returns the documented default of each prop. A row may document several props. */
    private static Map<String, String> defaults() throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (List<String> cells : rows("docs/props.md", "Prop")) {
            List<String> props = names(cells.get(0)).toList();
            String[] values = cells.get(1).split(", ", -1);
            for (int i = 0; i < props.size(); i++) {
                String before = defaults.put(props.get(i), values.length == props.size() ? values[i] : cells.get(1));
                assertEquals(null, before, props.get(i) + " is documented twice");
            }
        }
        return defaults;
    }

    /** Returns the rows of all tables with this first heading, as cells. */
    private static List<List<String>> rows(String document, String heading) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        boolean inTable = false;
        for (String line : read(document).lines().toList()) {
            if (line.startsWith("| " + heading + " |")) {
                inTable = true;
            } else if (!line.startsWith("|")) {
                inTable = false;
            } else if (inTable && !line.startsWith("|-")) {
                rows.add(List.of(line.substring(2).split(" \\|(?: |$)", -1)));
            }
        }
        assertFalse(rows.isEmpty(), document + " has no table of " + heading);
        return rows;
    }

    /** Returns the names in code font. */
    private static Stream<String> names(String text) {
        return CODE.matcher(text).results().map(code -> code.group(1));
    }

    private static String read(String document) throws IOException {
        return Files.readString(PROJECT.resolve(document));
    }
}
