import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.attribute.RecordAttribute;
import java.lang.classfile.attribute.RecordComponentInfo;
import java.lang.classfile.attribute.SignatureAttribute;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Removes the annotations of record components from the classes in a directory. PIT loses such annotations, the JVM then
 * rejects the changed class, and PIT counts that as a fault that the tests have noticed (hcoles/pitest#1285). Once that
 * is fixed, this is not needed any more.
 */
class PlainRecords {
    public static void main(String[] args) throws IOException {
        ClassFile classes = ClassFile.of();
        ClassTransform plain = (builder, element) -> builder.with(
                element instanceof RecordAttribute attribute
                        ? RecordAttribute.of(attribute.components().stream()
                                .map(PlainRecords::plain)
                                .toList())
                        : element);
        try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".class")).toList()) {
                ClassModel parsed = classes.parse(file);
                if (parsed.findAttribute(Attributes.record()).isPresent()) {
                    Files.write(file, classes.transformClass(parsed, plain));
                }
            }
        }
    }

    private static RecordComponentInfo plain(RecordComponentInfo component) {
        return RecordComponentInfo.of(
                component.name(),
                component.descriptor(),
                List.copyOf(component.attributes().stream()
                        .filter(SignatureAttribute.class::isInstance)
                        .toList()));
    }
}
