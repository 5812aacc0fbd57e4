import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import named.Below;
import named.Host;

/** Lambdas and method references of every kind that there is in Java 8. */
public final class Lambdas extends ArrayList<String> implements Supplier<List<String>> {
    interface Marker {}

    interface Letter {
        char get();
    }

    interface Narrow extends Function<String, String> {
        @Override
        String apply(String text);
    }

    interface Greeter {
        String name();

        default Supplier<String> greeting() {
            return () -> "hello " + name();
        }

        static Supplier<String> farewell(Greeter greeter) {
            return () -> "good-bye " + greeter.name();
        }
    }

    private final class Inner {
        private final String own = "inner";

        private String tell(String text) {
            return own + text + secret;
        }

        Supplier<String> outers() {
            return () -> whole(own) + secret;
        }

        Function<String, String> owns() {
            return this::tell;
        }
    }

    private static final class Sibling {
        Function<String, String> of(Inner inner) {
            return inner::tell;
        }
    }

    private final String secret = "secret";

    private String whole(String text) {
        return text + secret;
    }

    private static String wide(long number) {
        return "wide " + number;
    }

    private static long doubled(int number) {
        return 2L * number;
    }

    @Override
    public List<String> get() {
        calls();
        conversions();
        values();
        types();
        return new ArrayList<>(this);
    }

    private void calls() {
        Supplier<String> field = () -> secret;
        Function<String, String> privately = this::whole;
        Function<String, String> bound = "text"::concat;
        Function<String, String> unbound = String::trim;
        Function<String, Integer> length = String::length;
        Supplier<StringBuilder> empty = StringBuilder::new;
        Function<String, StringBuilder> filled = StringBuilder::new;
        Function<Integer, int[]> array = int[]::new;
        Function<String, List<String>> listed = Arrays::asList;
        Function<String, Inner> inner = ignored -> new Inner();
        Supplier<String> above = super::toString;
        Supplier<Object> copied = super::clone;
        Greeter greeter = () -> "you";
        add(field.get());
        add(privately.apply("a"));
        add(bound.apply("b"));
        add(unbound.apply(" c "));
        add(length.apply("four").toString());
        add(empty.get().append("made").toString());
        add(filled.apply("filled").toString());
        add(String.valueOf(array.apply(3).length));
        add(listed.apply("one").toString());
        add(inner.apply("").outers().get());
        add(inner.apply("").owns().apply(" and "));
        add(new Sibling().of(inner.apply("")).apply(" told "));
        add(greeter.greeting().get());
        add(Greeter.farewell(greeter).get());
        add(above.get());
        add(copied.get().toString());
        addAll(new Below().get());
        add(new Host.Within().get());
    }

    private void conversions() {
        ToIntFunction<Integer> unboxed = Math::abs;
        IntFunction<Integer> boxed = Integer::valueOf;
        IntFunction<Object> boxedAnew = Math::abs;
        IntToLongFunction widened = Math::abs;
        ToLongFunction<Integer> widenedResult = Integer::intValue;
        ToDoubleFunction<Float> widenedFloat = Float::floatValue;
        ToIntFunction<Byte> ofByte = Byte::byteValue;
        ToLongFunction<Short> ofShort = Short::shortValue;
        Function<Character, Integer> ofCharacter = Character::getNumericValue;
        Function<Integer, String> unboxedAndWidened = Lambdas::wide;
        Function<Integer, Long> ownBoxed = Lambdas::doubled;
        Predicate<Boolean> negated = truth -> !truth;
        Comparator<Long> compared = Long::compare;
        Supplier<Integer> number = () -> 11;
        LongSupplier widenedOfAny = number::get;
        Function<String, Integer> length = String::length;
        ToDoubleFunction<String> widenedToDouble = length::apply;
        Supplier<Character> letter = () -> 'c';
        Letter letterOfAny = letter::get;
        Function<Boolean, Boolean> same = truth -> truth;
        Predicate<Boolean> truthOfAny = same::apply;
        add("" + unboxed.applyAsInt(-1) + boxed.apply(2) + boxedAnew.apply(-3) + widened.applyAsLong(-4));
        add("" + widenedResult.applyAsLong(5) + widenedFloat.applyAsDouble(0.5f) + ofByte.applyAsInt((byte) -6));
        add("" + ofShort.applyAsLong((short) -7) + ofCharacter.apply('8') + unboxedAndWidened.apply(9));
        add("" + widenedOfAny.getAsLong() + widenedToDouble.applyAsDouble("twelve") + letterOfAny.get() + truthOfAny.test(true));
        add("" + ownBoxed.apply(10) + negated.test(true) + compared.compare(1L, 2L));
    }

    private void values() {
        int a = size();
        long b = Long.MAX_VALUE;
        double c = 0.25;
        byte d = -1;
        boolean e = true;
        char f = 'f';
        List<String> kept = this;
        DoubleBinaryOperator sum = (x, y) -> a + b + c + d + x * y;
        Supplier<String> all = () -> "" + a + b + c + d + e + f + kept.size();
        BiFunction<Long, Double, String> between = (x, y) -> "" + a + x + b + y + c;
        Consumer<String> dropped = kept::add;
        Runnable droppedLong = System::nanoTime;
        Runnable nested = () -> {
            Runnable within = () -> kept.add("nested " + a + b);
            within.run();
        };
        add(Double.toString(sum.applyAsDouble(2, 3)));
        add(all.get());
        add(between.apply(7L, 0.125));
        dropped.accept("dropped");
        droppedLong.run();
        nested.run();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void types() {
        Runnable marked = (Runnable & Marker) () -> add("marked");
        Supplier<String> serial = (Supplier<String> & Serializable) () -> "serial";
        Narrow narrow = text -> text + " narrow";
        Function wide = narrow;
        Function<String, Integer> lengths = String::length;
        Function<String, CharSequence> parts = text -> text.subSequence(0, 1);
        marked.run();
        add(serial.get() + (marked instanceof Marker) + (serial instanceof Serializable));
        add(narrow.apply("as it is") + wide.apply("as what it extends"));
        add(parts.apply("first").toString());
        try {
            add("" + ((Function) lengths).apply(1));
        } catch (ClassCastException e) {
            add("no String");
        }
    }
}
