package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.CallBudget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads EC2's paginated answers. The SDK's paginators could read them, too, but would require deploying every request
 * class of every service.
 */
final class Pages {
    private Pages() {}

    /**
     * Reads all pages, one after another, as far as the request's {@link CallBudget} allows. A page may be empty
     * without being the last; the last page has no token. A repeated token would cause an endless loop. Each page is
     * discarded once its rows are extracted, because the SDK's objects for a page are many times as large as the rows
     * that are kept.
     *
     * @param ask reads the page for a token, or the first page without one
     * @param token returns the token of the next page
     * @param rows returns the rows of a page to keep
     * @throws UnusableAnswerException if a token is repeated
     */
    static <P, R> List<R> all(
            Function<@Nullable String, P> ask, Function<P, @Nullable String> token, Function<P, List<R>> rows) {
        List<R> all = new ArrayList<>();
        Set<String> tokens = new HashSet<>();
        String next = null;
        do {
            P page = ask.apply(next);
            all.addAll(rows.apply(page));
            next = token.apply(page);
            if (next != null && !next.isEmpty() && !tokens.add(next)) {
                throw new UnusableAnswerException("the same page token twice");
            }
        } while (next != null && !next.isEmpty());
        return all;
    }
}
