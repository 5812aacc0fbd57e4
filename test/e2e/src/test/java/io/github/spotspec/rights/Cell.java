package io.github.spotspec.rights;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One cell of the rights table: an identity, an operation and its circumstances. */
record Cell(
        Identity identity,
        Operation operation,
        Ownership ownership,
        Mfa mfa,
        RegionScope region,
        Type type,
        Market market) {
    /** Whether the resource belongs to the service. */
    enum Ownership {
        OWN,
        FOREIGN
    }

    /** The MFA state of the credentials. */
    enum Mfa {
        /** A session with an MFA code. */
        CODE,
        /** A session without MFA. The condition key is present and false. */
        SESSION,
        /** A long-term key of a user. The condition key is missing. */
        KEY
    }

    /** Whether the deployment allows the region. */
    enum RegionScope {
        ALLOWED,
        OTHER
    }

    /** Whether the guarded deployment allows the instance type. */
    enum Type {
        ALLOWED,
        OTHER
    }

    /** The market of the instance. */
    enum Market {
        SPOT,
        ON_DEMAND
    }

    /** Returns all possible combinations. */
    static List<Cell> all() {
        List<Cell> all = new ArrayList<>();
        for (Identity identity : Identity.values()) {
            for (Operation operation : Operation.values()) {
                for (Mfa mfa : Mfa.values()) {
                    if (mfa != Mfa.KEY || identity.isUser()) {
                        circumstances(identity, operation, mfa, all);
                    }
                }
            }
        }
        return all;
    }

    private static void circumstances(Identity identity, Operation operation, Mfa mfa, List<Cell> all) {
        for (Ownership ownership : Ownership.values()) {
            for (RegionScope region : RegionScope.values()) {
                for (Type type : Type.values()) {
                    for (Market market : Market.values()) {
                        all.add(new Cell(identity, operation, ownership, mfa, region, type, market));
                    }
                }
            }
        }
    }

    /** Returns the names in the cell, as {@code expected.md} spells them. */
    List<String> names() {
        return List.of(
                nameInTable(identity),
                nameInTable(operation),
                nameInTable(ownership),
                nameInTable(mfa),
                nameInTable(region),
                nameInTable(type),
                nameInTable(market));
    }

    /** Returns the name of a constant, as {@code expected.md} spells it. */
    static String nameInTable(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
