package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.CallBudget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers that EC2 gives in pages. The SDK's paginators read them as well, and with them every request of every service
 * would have to be deployed.
 */
final class Pages {
    private Pages() {}

    /**
     * Reads all pages, one after another, as far as the request's {@link CallBudget} goes. A page may be empty and still not be
     * the last; the last brings no token. A token that comes again would go round for ever. A page is gone when its rows are taken: what the SDK makes of one is many times as
     * large as what is kept of it.
     *
     * @param ask asks for the page that a token stands for, or without one for the first
     * @param token what stands for the next page
     * @param rows what to keep of a page
     * @throws UnusableAnswerException if a token comes again
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
