package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.ManagedInstance;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The value of the tag that says which launch created an instance: the hash of its idempotency key, the hash of the
 * launch, and the number of instances that the caller asked for.
 */
public final class LaunchTag {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]+\\.[0-9a-f]+\\.(\\d{1,4})");

    private LaunchTag() {}

    static String of(String keyHash, String requestHash, int count) {
        return keyHash + "." + requestHash + "." + count;
    }

    static boolean isOf(@Nullable String tag, String keyHash) {
        return tag != null && tag.startsWith(keyHash + ".");
    }

    /**
     * Returns the living instances of one launch, oldest first, and at most as many as the caller asked for. EC2
     * launches only once for one client token in one zone. A launch has surplus instances if it runs twice at the same
     * time and each run finds capacity in another zone.
     */
    public static List<ManagedInstance> withoutSurplus(Collection<ManagedInstance> launched) {
        return launched.stream()
                .filter(ManagedInstance::isAlive)
                .sorted(Comparator.comparing(ManagedInstance::launchTime).thenComparing(ManagedInstance::id))
                .limit(launched.stream()
                        .mapToInt(instance -> count(instance.launchTag()))
                        .min()
                        .orElse(0))
                .toList();
    }

    private static int count(@Nullable String tag) {
        Matcher form = FORM.matcher(String.valueOf(tag));
        return form.matches() ? Integer.parseInt(form.group(1)) : Integer.MAX_VALUE;
    }
}
