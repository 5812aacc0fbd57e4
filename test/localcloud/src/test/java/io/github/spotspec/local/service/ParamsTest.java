package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.AwsError;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests parameters of query requests. */
final class ParamsTest {
    private static AwsError errorOf(Executable act) {
        return assertThrows(AwsError.class, act);
    }

    @Test
    void decodesForm() {
        Params params = Params.parse("Name=a+b%2Fc%3D%E2%82%AC&Empty=&Bare&Equals=a=b");

        assertEquals("a b/c=€", params.text("Name"));
        assertEquals("", params.text("Empty"));
        assertEquals("", params.text("Bare"));
        assertEquals("a=b", params.text("Equals"));
        assertNull(params.text("Missing"));
        assertEquals("otherwise", params.text("Missing", "otherwise"));
    }

    @Test
    void emptyFormHasNoParameters() {
        assertDoesNotThrow(() -> Params.parse("").refuseUnread("act"));
        assertEquals(List.of(), Params.parse("").list("Id"));
        assertEquals(0, Params.parse("").count("Filter"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Name=%", "Name=%zz", "%1=x"})
    void rejectsInvalidEncoding(String form) {
        assertEquals("MalformedQueryString", errorOf(() -> Params.parse(form)).code());
    }

    @Test
    void namesMissingParameter() {
        AwsError error = errorOf(() -> Params.parse("A=1").required("RoleArn"));

        assertEquals("MissingParameter", error.code());
        assertTrue(error.message().contains("RoleArn"), error.message());
    }

    @Test
    void readsTypedValues() {
        Params params = Params.parse("N=12&T=true&F=false&At=2026-03-04T05%3A06%3A07Z");

        assertEquals(12, params.whole("N", 5));
        assertEquals(5, params.whole("Missing", 5));
        assertTrue(params.flag("T"));
        assertFalse(params.flag("F"));
        assertFalse(params.flag("Missing"));
        assertEquals(Instant.parse("2026-03-04T05:06:07Z"), params.time("At"));
        assertNull(params.time("Missing"));
    }

    @Test
    void namesValueOfWrongType() {
        Params params = Params.parse("X=much");

        for (Executable read :
                List.<Executable>of(() -> params.whole("X", 1), () -> params.flag("X"), () -> params.time("X"))) {
            assertEquals("InvalidParameterValue", errorOf(read).code());
            assertTrue(errorOf(read).message().contains("X"), errorOf(read).message());
        }
    }

    @Test
    void readsListInOrder() {
        StringBuilder form = new StringBuilder();
        for (int i = 12; i >= 1; i--) {
            form.append("Id.").append(i).append("=i-").append(i).append('&');
        }
        List<String> list = Params.parse(form.toString()).list("Id");

        assertEquals(12, list.size());
        assertEquals("i-1", list.getFirst());
        assertEquals("i-12", list.getLast());
    }

    @Test
    void readsMemberList() {
        assertEquals(
                List.of("a", "b"),
                Params.parse("Name.member.1=a&Name.member.2=b").list("Name"));
    }

    @Test
    void countsStructures() {
        Params params = Params.parse("Filter.1.Name=a&Filter.1.Value.1=x&Filter.2.Name=b&Tag.member.1.Key=k");

        assertEquals(2, params.count("Filter"));
        assertEquals(1, params.count("Tag.member"));
        assertEquals(List.of("x"), params.list("Filter.1.Value"));
    }

    @Test
    void namesUnreadParameter() {
        Params params = Params.parse("Action=A&Version=2011-06-15&Known=1&Id.1=a&Other=2");
        params.text("Known");
        params.list("Id");

        AwsError error = errorOf(() -> params.refuseUnread("sts:A"));
        assertEquals("NotInLocalCloud", error.code());
        assertTrue(error.message().contains("Other"), error.message());

        params.ignore("Other");
        assertDoesNotThrow(() -> params.refuseUnread("sts:A"));
    }

    @Test
    void detectsItemAfterGap() {
        Params params = Params.parse("Id.1=a&Id.3=c");

        assertEquals(List.of("a"), params.list("Id"));
        assertTrue(errorOf(() -> params.refuseUnread("act")).message().contains("Id.3"));
    }

    @Test
    void ignoresNestedParameters() {
        Params params = Params.parse("Tags.1.Key=a&Tags.1.Value=b&TagsToo=c");
        params.ignore("Tags");

        assertTrue(errorOf(() -> params.refuseUnread("act")).message().contains("TagsToo"));
    }
}
