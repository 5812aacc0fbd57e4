package io.github.spotspec.rights;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One cell of the matrix: somebody does something, under circumstances. */
record Cell(Identity identity, Operation operation, Ownership ownership, Mfa mfa, RegionScope region, Type type, Market market) {
    /** Whose thing is acted on: the service's own, or another's. */
    enum Ownership {
        OWN,
        FOREIGN
    }

    /** What the credentials say of MFA. */
    enum Mfa {
        /** A session that was given for a code. */
        CODE,
        /** A session without one: the condition key is there, and false. */
        SESSION,
        /** A long-term key, which only users have: there is no such condition key. */
        KEY
    }

    /** Whether the region is one of the deployment's. */
    enum RegionScope {
        ALLOWED,
        OTHER
    }

    /** Whether the instance type is one that the guarded deployment allows. */
    enum Type {
        ALLOWED,
        OTHER
    }

    /** How the instance is bought. */
    enum Market {
        SPOT,
        ON_DEMAND
    }

    /** Returns every combination that there can be. */
    static List<Cell> all() {
        List<Cell> all = new ArrayList<>();
        for (Identity identity : Identity.values()) {
            for (Operation act : Operation.values()) {
                for (Mfa mfa : Mfa.values()) {
                    if (mfa != Mfa.KEY || identity.isUser()) {
                        circumstances(identity, act, mfa, all);
                    }
                }
            }
        }
        return all;
    }

    private static void circumstances(Identity identity, Operation act, Mfa mfa, List<Cell> all) {
        for (Ownership thing : Ownership.values()) {
            for (RegionScope region : RegionScope.values()) {
                for (Type type : Type.values()) {
                    for (Market market : Market.values()) {
                        all.add(new Cell(identity, act, thing, mfa, region, type, market));
                    }
                }
            }
        }
    }

    /** Returns the words of the cell, as the table of expectations has them. */
    List<String> names() {
        return List.of(nameInTable(identity), nameInTable(operation), nameInTable(ownership), nameInTable(mfa), nameInTable(region), nameInTable(type), nameInTable(market));
    }

    /** Returns a constant's name as the table has it. */
    static String nameInTable(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
