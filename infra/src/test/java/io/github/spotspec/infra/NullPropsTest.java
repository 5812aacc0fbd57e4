package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Every setter of a prop, given null or something that holds null: the message names the prop. */
final class NullPropsTest {
    static Stream<Method> setters() {
        return Arrays.stream(SpotServiceProps.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 1)
                .filter(method -> !method.getParameterTypes()[0].isPrimitive());
    }

    static Stream<Method> settersOfSeveral() {
        return setters().filter(method -> {
            Class<?> type = method.getParameterTypes()[0];
            return type.isArray() || type == Collection.class || type == Map.class;
        });
    }

    private static String errorMessage(Method setter, @Nullable Object argument) {
        Throwable thrown = assertThrows(
                        InvocationTargetException.class, () -> setter.invoke(SpotServiceProps.builder(), argument))
                .getCause();
        return String.valueOf(assertInstanceOf(IllegalArgumentException.class, thrown, setter.toString())
                .getMessage());
    }

    @ParameterizedTest
    @MethodSource("setters")
    void rejectsNull(Method setter) {
        assertEquals(
                "'" + setter.getName() + "' must not be null; leave it out for the default",
                errorMessage(setter, null));
    }

    @ParameterizedTest
    @MethodSource("settersOfSeveral")
    void rejectsNullInside(Method setter) {
        Class<?> type = setter.getParameterTypes()[0];
        Map<String, Object> map = new HashMap<>();
        map.put("name", null);
        Object holding = type.isArray()
                ? Array.newInstance(type.getComponentType(), 1)
                : type == Map.class ? map : Collections.singletonList(null);
        assertEquals("'" + setter.getName() + "' must not hold null", errorMessage(setter, holding));
    }

    /** A list is written more often than not as its items. */
    @ParameterizedTest
    @MethodSource("settersOfSeveral")
    void takesItemsWhereItTakesACollection(Method setter) {
        if (setter.getParameterTypes()[0] == Collection.class) {
            assertTrue(
                    setters().anyMatch(other -> other.getName().equals(setter.getName()) && other.isVarArgs()),
                    setter.getName());
        }
    }
}
