package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertNames;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Passes null, or a collection that contains null, to every setter of a prop. */
final class NullPropsTest {
    static Stream<Method> setters() {
        return Arrays.stream(SpotServiceProps.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 1)
                .filter(method -> !method.getParameterTypes()[0].isPrimitive());
    }

    static Stream<Method> settersOfCollections() {
        return setters().filter(method -> {
            Class<?> type = method.getParameterTypes()[0];
            return type.isArray() || type == Collection.class || type == Map.class;
        });
    }

    private static void assertSetterRejects(Method setter, @Nullable Object argument) {
        Throwable cause = assertThrows(
                        InvocationTargetException.class, () -> setter.invoke(SpotServiceProps.builder(), argument))
                .getCause();
        assertNames(
                assertInstanceOf(IllegalArgumentException.class, cause, setter.toString()),
                "'" + setter.getName() + "'",
                "null");
    }

    @ParameterizedTest
    @MethodSource("setters")
    void rejectsNull(Method setter) {
        assertSetterRejects(setter, null);
    }

    @ParameterizedTest
    @MethodSource("settersOfCollections")
    void rejectsNullElements(Method setter) {
        Class<?> type = setter.getParameterTypes()[0];
        Map<String, Object> map = new HashMap<>();
        map.put("name", null);
        Object containing = type.isArray()
                ? Array.newInstance(type.getComponentType(), 1)
                : type == Map.class ? map : Collections.singletonList(null);
        assertSetterRejects(setter, containing);
    }

    /** Most lists in an app are short, and easier to write as varargs. */
    @ParameterizedTest
    @MethodSource("settersOfCollections")
    void hasVarargsFormOfEveryCollection(Method setter) {
        if (setter.getParameterTypes()[0] == Collection.class) {
            assertTrue(
                    setters().anyMatch(other -> other.getName().equals(setter.getName()) && other.isVarArgs()),
                    setter.getName());
        }
    }
}
