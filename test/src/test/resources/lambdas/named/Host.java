package named;

import java.util.function.Supplier;

/** An interface with lambdas of its own, whose nest is that of a class as well. */
public interface Host {
    Supplier<String> HERE = () -> "here";

    final class Within implements Supplier<String> {
        private final String text = "within";

        @Override
        public String get() {
            Supplier<String> hidden = this::hidden;
            return hidden.get() + HERE.get();
        }

        private String hidden() {
            return text;
        }
    }
}
