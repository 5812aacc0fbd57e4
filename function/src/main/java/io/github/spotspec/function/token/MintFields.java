package io.github.spotspec.function.token;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.caller.Scope;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The fields of an event for the minter: a token with a scope and a life, or the revocation of tokens. */
final class MintFields {
    private static final Field<Integer> COUNT = Field.integer("count", 1, 1_000);
    private static final Field<BigDecimal> PRICE =
            Field.decimal("price", "US dollars an hour", new BigDecimal("0.0011"), new BigDecimal(1_000));
    private static final Field<Duration> LEASE = Field.duration("lease", Duration.ofMinutes(1), Duration.ofDays(365));
    private static final Field<BigDecimal> COMMITTED =
            Field.decimal("committed", "US dollars", new BigDecimal("0.01"), new BigDecimal(1_000_000));
    private static final Duration MIN_LIFE = Duration.ofMinutes(1);
    private static final Duration DEFAULT_LIFE = Duration.ofHours(1);
    private static final String ALL = "all";
    private static final Field<List<String>> REVOKE =
            Field.textList("revoke", 100, "token ids, or only \"all\"", id -> id.equals(ALL) || isId(id));

    private final Field<List<String>> tasks;
    private final Field<List<String>> osUsers;
    private final List<Field<?>> all;
    private final Field<Duration> life;
    private final AllowedRegions regions;
    private final Duration maxLife;

    MintFields(MinterSettings settings) {
        List<String> taskNames = settings.tasks();
        tasks = Field.textList(
                "tasks", taskNames.size(), "of these: " + String.join(", ", taskNames), taskNames::contains);
        List<String> users = settings.osUsers();
        osUsers = Field.textList("osUsers", users.size(), "of these: " + String.join(", ", users), users::contains);
        maxLife = settings.maxLife();
        life = Field.of(
                "life",
                "a duration such as 10m, 8h or +10 (minutes), from " + Syntax.format(MIN_LIFE) + " to "
                        + Syntax.format(maxLife),
                this::life);
        regions = new AllowedRegions(settings.regions());
        List<Field<?>> known =
                new ArrayList<>(List.of(tasks, AllowedRegions.FIELD, COUNT, PRICE, LEASE, COMMITTED, life, REVOKE));
        if (!users.isEmpty()) {
            known.add(osUsers);
        }
        all = List.copyOf(known);
    }

    /** What an event asks the minter to do. */
    sealed interface MintRequest {
        /** Makes a token with this scope and this life. */
        record Mint(Scope scope, Duration life) implements MintRequest {}

        /** Revokes the tokens with these ids. */
        record Revoke(List<String> ids) implements MintRequest {}

        /** Revokes all tokens. */
        record RevokeAll() implements MintRequest {}
    }

    /**
     * Reads an event.
     *
     * @throws ServiceException if it is malformed, or asks for what no token may have
     */
    MintRequest read(@Nullable Object event) {
        Fields fields = Fields.inside("event.", event);
        List<String> revoked = fields.get(REVOKE);
        if (revoked != null) {
            fields.rejectOthersThan(List.of(REVOKE));
            if (!revoked.contains(ALL)) {
                return new MintRequest.Revoke(revoked);
            }
            if (revoked.size() > 1) {
                throw new ServiceException(ErrorCode.INVALID_VALUE, "'revoke' must be token ids, or only \"all\".");
            }
            return new MintRequest.RevokeAll();
        }
        fields.rejectOthersThan(all);
        return new MintRequest.Mint(
                new Scope(
                        fields.require(tasks),
                        fields.get(AllowedRegions.FIELD) == null ? null : regions.of(fields),
                        fields.get(COUNT),
                        fields.get(PRICE),
                        fields.get(LEASE),
                        fields.get(COMMITTED),
                        fields.get(osUsers)),
                fields.get(life, DEFAULT_LIFE.compareTo(maxLife) < 0 ? DEFAULT_LIFE : maxLife));
    }

    /** Parses the life of a token. Accepts minutes with a plus sign because the ancestor wrote them so. */
    private @Nullable Duration life(Object value) {
        if (!(value instanceof String text)) {
            return null;
        }
        Duration read = Syntax.duration(text.startsWith("+") ? text.substring(1) + "m" : text);
        return read == null || read.compareTo(MIN_LIFE) < 0 || read.compareTo(maxLife) > 0 ? null : read;
    }

    private static boolean isId(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
