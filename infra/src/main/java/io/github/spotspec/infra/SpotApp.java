package io.github.spotspec.infra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;

/**
 * The app that {@code cdk.json} runs: one stack, {@code Spotspec}. Lists in its context are separated by commas.
 *
 * <ul>
 *   <li>{@code -c regions=us-east-1,us-west-2}: the allowed regions; default: the stack's region
 *   <li>{@code -c mfaTasks=launch,end}: the tasks that need MFA, or {@code none}; default: all that cost or destroy
 *   <li>{@code -c urlAuth=token}: the URL takes tokens, which last at most one day, or another limit as in
 *       {@code token:12h}; default: {@code iam}, with signed requests
 *   <li>{@code -c invokers=arn:aws:iam::111122223333:role/ci}: who may call the URL, if requests are signed; default:
 *       nobody
 *   <li>{@code -c minters=arn:aws:iam::111122223333:role/ci}: who may create tokens, if the URL takes tokens; default:
 *       nobody
 *   <li>{@code -c dashboard=true}: whether to create a CloudWatch dashboard; default: {@code false}
 * </ul>
 */
public final class SpotApp {
    /** The context keys that the app reads. */
    static final List<String> KEYS = List.of("regions", "invokers", "mfaTasks", "urlAuth", "minters", "dashboard");

    /** The context also holds the CDK's own keys: feature flags, lookups, and what its CLI remembers. */
    private static final Pattern CDK_KEY =
            Pattern.compile(".*[:@/].*|acknowledged-issue-numbers|cdk-migrate|cli-telemetry");

    private static final Pattern CALLER = Pattern.compile("arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/.+)");

    private SpotApp() {}

    /**
     * Synthesizes the app. Exits with status 1 and a one-sentence message if the context has an invalid key or value.
     */
    public static void main(String[] args) {
        App app = new App();
        try {
            stack(app);
        } catch (IllegalArgumentException e) {
            System.err.println("spotspec: " + e.getMessage());
            System.exit(1);
        }
        app.synth();
    }

    /** Creates the app's stack from the app's own context. */
    static SpotStack stack(App app) {
        checkKeys((Map<?, ?>) app.getNode().getAllContext());
        return stack(app, app.getNode()::tryGetContext);
    }

    /**
     * Rejects keys that the app does not read, such as {@code region}. If it ignored them, it would deploy something
     * else.
     */
    private static void checkKeys(Map<?, ?> context) {
        List<String> unknown = context.keySet().stream()
                .map(Object::toString)
                .filter(key -> !KEYS.contains(key) && !CDK_KEY.matcher(key).matches() && !isForEveryApp(key))
                .sorted()
                .toList();
        Validate.that(
                unknown.isEmpty(),
                "unknown context key " + String.join(", ", unknown) + "; the keys of this app are "
                        + String.join(", ", KEYS));
    }

    /** Returns whether a key may come from the file with the context for all apps of a user. */
    private static boolean isForEveryApp(String key) {
        try {
            return Files.readString(Path.of(System.getProperty("user.home"), ".cdk.json"))
                    .contains("\"" + key + "\"");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Creates the app's stack.
     *
     * @param context returns the value of a key, or null if the key is not set
     * @throws IllegalArgumentException if the context has an invalid value
     */
    static SpotStack stack(App app, Function<String, @Nullable Object> context) {
        SpotServiceProps.Builder props = SpotServiceProps.builder();
        List<String> regions = list(context, "regions");
        if (!regions.isEmpty()) {
            props.regions(regions);
        }
        List<String> mfaTasks = list(context, "mfaTasks");
        if (!mfaTasks.isEmpty()) {
            props.mfaTasks(mfaTasks.equals(List.of("none")) ? Set.of() : tasks(mfaTasks));
        }
        String dashboard = String.join(",", list(context, "dashboard"));
        Validate.that(
                Set.of("", "true", "false").contains(dashboard), "'dashboard' must be true or false, got " + dashboard);
        props.dashboard(dashboard.equals("true"));
        UrlAuth urlAuth = urlAuth(String.join(",", list(context, "urlAuth")));
        boolean tokens = urlAuth.longestLife() != null;
        List<String> invokers = callers(context, "invokers");
        List<String> minters = callers(context, "minters");
        Validate.that(
                !tokens || invokers.isEmpty(),
                "'invokers' has no effect if 'urlAuth' is token, because the URL does not check signatures; name the"
                        + " principals that may create tokens in 'minters'");
        Validate.that(
                tokens || minters.isEmpty(),
                "'minters' needs 'urlAuth' token, but this URL takes signed requests; name the principals that may"
                        + " call the URL in 'invokers'");
        return new SpotStack(app, "Spotspec", props.urlAuth(urlAuth).build(), tokens ? minters : invokers);
    }

    private static UrlAuth urlAuth(String text) {
        if (text.isEmpty() || text.equals("iam")) {
            return UrlAuth.iam();
        }
        if (text.equals("token")) {
            return UrlAuth.token();
        }
        Validate.that(
                text.matches("token:[0-9]{1,6}[mhd]"),
                "'urlAuth' must be iam, token, or token with a maximum lifetime such as token:12h, got " + text);
        int number = Integer.parseInt(text, text.indexOf(':') + 1, text.length() - 1, 10);
        return UrlAuth.token(
                "urlAuth",
                switch (text.charAt(text.length() - 1)) {
                    case 'm' -> Duration.minutes(number);
                    case 'h' -> Duration.hours(number);
                    default -> Duration.days(number);
                });
    }

    private static List<String> callers(Function<String, @Nullable Object> context, String key) {
        List<String> arns = list(context, key);
        for (String arn : arns) {
            Validate.that(
                    CALLER.matcher(arn).matches(),
                    "'" + key
                            + "' must contain ARNs of IAM users or roles such as arn:aws:iam::111122223333:role/ci,"
                            + " got "
                            + arn);
        }
        return arns;
    }

    private static Set<SpotTask> tasks(List<String> names) {
        return names.stream().map(SpotApp::task).collect(Collectors.toUnmodifiableSet());
    }

    private static SpotTask task(String name) {
        return Arrays.stream(SpotTask.values())
                .filter(task -> task.requestName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'mfaTasks' must be none, or tasks among "
                        + Arrays.stream(SpotTask.values())
                                .map(SpotTask::requestName)
                                .collect(Collectors.joining(", "))
                        + "; got " + name));
    }

    private static List<String> list(Function<String, @Nullable Object> context, String key) {
        Object value = context.apply(key);
        return value == null
                ? List.of()
                : Arrays.stream(value.toString().split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList();
    }
}
