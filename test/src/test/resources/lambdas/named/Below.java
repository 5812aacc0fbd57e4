package named;

import elsewhere.Above;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls what it inherits from another package. */
public final class Below extends Above implements Supplier<List<String>> {
    @Override
    public List<String> get() {
        Function<String, String> own = this::inherited;
        Function<String, String> ofClass = Above::inheritedOfClass;
        return Arrays.asList(own.apply("a"), ofClass.apply("b"));
    }
}
