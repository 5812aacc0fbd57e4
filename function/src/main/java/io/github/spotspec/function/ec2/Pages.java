package io.github.spotspec.function.ec2;

import io.github.spotspec.function.operator.Allowance;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers that EC2 gives in pages. The SDK's paginators read them as well, and with them every request of every service
 * would have to be deployed.
 */
final class Pages {
    private Pages() {}

    /**
     * Reads all pages, one after another, as far as the request's {@link Allowance} goes. A page may be empty and still not be
     * the last; the last brings no token.
     *
     * @param ask asks for the page that a token stands for, or without one for the first
     * @param token what stands for the next page
     * @param rows what is in a page
     */
    static <P, R> List<R> all(
            Function<@Nullable String, P> ask, Function<P, @Nullable String> token, Function<P, List<R>> rows) {
        List<R> all = new ArrayList<>();
        String next = null;
        do {
            P page = ask.apply(next);
            all.addAll(rows.apply(page));
            next = token.apply(page);
        } while (next != null && !next.isEmpty());
        return all;
    }
}
