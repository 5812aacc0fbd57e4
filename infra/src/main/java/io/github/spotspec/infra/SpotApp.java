package io.github.spotspec.infra;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awscdk.App;

/**
 * The app that {@code cdk.json} runs: one stack, {@code Spotspec}. Its context takes lists with commas.
 *
 * <ul>
 *   <li>{@code -c regions=us-east-1,us-west-2}: where the service may act; default: the stack's region
 *   <li>{@code -c mfaTasks=launch,end}: the tasks that need MFA, or {@code none}; default: all that cost or destroy
 *   <li>{@code -c invokers=arn:aws:iam::111122223333:role/ci}: who may call the URL; default: nobody
 * </ul>
 */
public final class SpotApp {
    private SpotApp() {}

    /** Synthesizes the app. */
    public static void main(String[] args) {
        App app = new App();
        SpotServiceProps.Builder props = SpotServiceProps.builder();
        List<String> regions = list(app, "regions");
        if (!regions.isEmpty()) {
            props.regions(regions);
        }
        List<String> mfaTasks = list(app, "mfaTasks");
        if (!mfaTasks.isEmpty()) {
            props.mfaTasks(mfaTasks.equals(List.of("none")) ? Set.of() : tasks(mfaTasks));
        }
        new SpotStack(app, "Spotspec", props.build(), list(app, "invokers"));
        app.synth();
    }

    private static Set<SpotTask> tasks(List<String> words) {
        return words.stream().map(SpotApp::task).collect(Collectors.toUnmodifiableSet());
    }

    private static SpotTask task(String word) {
        return Arrays.stream(SpotTask.values())
                .filter(task -> task.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'mfaTasks' must be names of tasks such as launch,end, or none, got " + word));
    }

    private static List<String> list(App app, String key) {
        Object value = app.getNode().tryGetContext(key);
        return value == null
                ? List.of()
                : Arrays.stream(value.toString().split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList();
    }
}
