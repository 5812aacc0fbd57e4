package io.github.spotspec.function.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests each limit at its boundary. */
final class LimitsTest {
    private static GuardRails allowing(List<String> these, @Nullable BigDecimal maxPrice) {
        return new GuardRails(
                new AllowLists(these, these, these, these, these, these, null),
                InstanceLimits.NONE,
                new CostLimits(maxPrice, null),
                10,
                VolumeLimits.NONE,
                new LeaseLimits(Duration.ofHours(8), Duration.ofDays(7), false),
                false,
                List.of());
    }

    private static void assertRejected(ErrorCode code, Executable check) {
        assertEquals(code, assertThrows(ServiceException.class, check).errorCode());
    }

    @ParameterizedTest
    @CsvSource({
        "m7g.large,m7g.large,true",
        "m7g.large,m7g.larg,false",
        "m7g.large,m7g.largest,false",
        "m7g.large,M7g.large,false",
        "m7g.*,m7g.large,true",
        "m7g.*,m7g.,true",
        "m7g.*,m7g,false",
        "*,m7g.large,true",
        "*.large,m7g.large,true",
        "*.large,m7g.xlarge,false",
        "*large,m7g.xlarge,true",
        "*.large,m7g.large.large,true",
        "*aab,aaab,true",
        "*aab,aaaba,false",
        "m*g.*e,m7g.large,true",
        "m*g.*e,m7g.metal,false",
        "m7g.large***,m7g.large,true",
        "m7g.large*x,m7g.large,false",
        "m?g.large,m7g.large,true",
        "m?g.large,mg.large,false",
        "m7g.large?,m7g.large,false",
        "?,m,true",
        "m.*,m7g.large,false",
        "m7g*.large,m7gd.large,true",
        "c*,m7g.large,false"
    })
    void matchesTypesAsIamDoes(String pattern, String type, boolean allowed) {
        GuardRails limits = allowing(List.of("a1.medium", pattern), null);

        assertEquals(allowed, limits.allowsType(type), pattern + " and " + type);
        if (allowed) {
            assertDoesNotThrow(() -> limits.checkType(type));
        } else {
            assertRejected(ErrorCode.TYPE_NOT_ALLOWED, () -> limits.checkType(type));
        }
    }

    @Test
    void allowsOnlyListedValues() {
        GuardRails limits = allowing(List.of("one", "two"), null);

        limits.checkImage("two");
        limits.checkImageOwner("ami-1", "two", null);
        limits.checkImageOwner("ami-1", "111122223333", "one");
        limits.checkSubnet("two");
        limits.checkSecurityGroup("two");
        limits.checkKeyPair("two");
        assertRejected(ErrorCode.IMAGE_NOT_ALLOWED, () -> limits.checkImage("three"));
        assertRejected(ErrorCode.IMAGE_NOT_ALLOWED, () -> limits.checkImageOwner("ami-1", "three", null));
        assertRejected(ErrorCode.IMAGE_NOT_ALLOWED, () -> limits.checkImageOwner("ami-1", "one", "amazon"));
        assertRejected(ErrorCode.SUBNET_NOT_ALLOWED, () -> limits.checkSubnet("three"));
        assertRejected(ErrorCode.SECURITY_GROUP_NOT_ALLOWED, () -> limits.checkSecurityGroup("three"));
        assertRejected(ErrorCode.KEY_PAIR_NOT_ALLOWED, () -> limits.checkKeyPair("three"));
    }

    @Test
    void allowsEverythingWithoutLists() {
        GuardRails limits = allowing(List.of(), null);

        assertDoesNotThrow(() -> {
            limits.checkType("m7g.large");
            limits.checkImage("ami-1");
            limits.checkImageOwner("ami-1", "111122223333", null);
            limits.checkSubnet("subnet-1");
            limits.checkSecurityGroup("sg-1");
            limits.checkKeyPair("dev");
            limits.checkPrice(new BigDecimal(1_000));
        });
    }

    @Test
    void comparesPricesByValue() {
        GuardRails limits = allowing(List.of(), new BigDecimal("0.1"));

        limits.checkPrice(new BigDecimal("0.100"));
        assertRejected(ErrorCode.PRICE_NOT_ALLOWED, () -> limits.checkPrice(new BigDecimal("0.1001")));
    }

    @Test
    void allowsMaximumLeaseAndNoLongerOne() {
        GuardRails limits = allowing(List.of(), null);

        limits.checkLease(Duration.ofDays(7));
        assertRejected(
                ErrorCode.LEASE_NOT_ALLOWED,
                () -> limits.checkLease(Duration.ofDays(7).plusSeconds(1)));
    }

    @Test
    void countsRunningAndRequestedInstances() {
        GuardRails limits = allowing(List.of(), null);

        limits.checkInstances(4, 6, "us-west-2");
        assertRejected(ErrorCode.TOO_MANY_INSTANCES, () -> limits.checkInstances(4, 7, "us-west-2"));
        assertRejected(ErrorCode.TOO_MANY_INSTANCES, () -> limits.checkInstances(5, 6, "us-west-2"));
    }

    @ParameterizedTest
    @CsvSource({
        "100,gp3,4000,250,true",
        ",,,,true",
        "1,gp2,1,1,true",
        "101,,,,false",
        ",io2,,,false",
        ",,4001,,false",
        ",,,251,false"
    })
    void allowsVolumesUpToEachLimit(
            @Nullable Integer size,
            @Nullable String type,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            boolean allowed) {
        VolumeLimits limits = new VolumeLimits(100, List.of("gp2", "gp3"), 4_000, 250);

        VolumeLimits.NONE.check("A volume", size, type, iops, throughput);
        if (allowed) {
            limits.check("A volume", size, type, iops, throughput);
        } else {
            assertRejected(ErrorCode.VOLUME_NOT_ALLOWED, () -> limits.check("A volume", size, type, iops, throughput));
        }
    }
}
