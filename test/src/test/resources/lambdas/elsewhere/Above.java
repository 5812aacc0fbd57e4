package elsewhere;

/** What another package inherits from. */
public class Above {
    protected String inherited(String text) {
        return "inherited " + text;
    }

    protected static String inheritedOfClass(String text) {
        return "inherited of the class " + text;
    }
}
