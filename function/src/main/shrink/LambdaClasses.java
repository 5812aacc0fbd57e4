import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.LambdaMetafactory;

private static final ClassDesc FACTORY = ClassDesc.of(LambdaMetafactory.class.getName());

/**
 * Copies a jar, with its lambdas and method references as classes. The JVM makes a class of each, too, but only when it comes
 * to it, and that takes many times as long as to load one. They do what {@link LambdaMetafactory} says; but one that keeps no
 * values is made anew each time.
 *
 * <p>{@code java LambdaClasses.java JAR COPY}
 */
void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[0]);
    SortedMap<String, byte[]> files = files(jar);
    try (URLClassLoader loader =
            new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
        ClassFile format = ClassFile.of(
                ConstantPoolSharingOption.NEW_POOL,
                ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)));
        for (String name : List.copyOf(files.keySet())) {
            if (name.endsWith(".class")) {
                replaceLambdas(format, name, files);
            }
        }
    }
    try (ZipOutputStream copy = new ZipOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
        copy.setLevel(Deflater.NO_COMPRESSION);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            copy.putNextEntry(new ZipEntry(file.getKey()));
            copy.write(file.getValue());
        }
    }
}

static SortedMap<String, byte[]> files(Path jar) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (ZipFile from = new ZipFile(jar.toFile())) {
        for (ZipEntry file : Collections.list(from.entries())) {
            if (!file.isDirectory()) {
                files.put(file.getName(), from.getInputStream(file).readAllBytes());
            }
        }
    }
    return files;
}

static void replaceLambdas(ClassFile format, String name, Map<String, byte[]> files) {
    ClassModel type = format.parse(files.get(name));
    Map<Shape, LambdaClass> made = lambdaClasses(type);
    if (made.isEmpty()) {
        return;
    }
    files.put(name, format.transformClass(type, ClassTransform.transformingMethodBodies((code, part) -> {
        if (part instanceof InvokeDynamicInstruction site && isLambda(site.invokedynamic())) {
            DynamicCallSiteDesc lambda = site.invokedynamic().asSymbol();
            made.get(Shape.of(lambda)).make(code, Target.of(lambda));
        } else {
            code.with(part);
        }
    })));
    ClassDesc host = type.findAttribute(Attributes.nestHost())
            .map(nest -> nest.nestHost().asSymbol())
            .orElse(type.thisClass().asSymbol());
    made.values().forEach(lambda -> files.put(file(lambda.name()), lambda.bytes(format, host)));
    files.computeIfPresent(file(host), (_, bytes) -> withNestMembers(format, format.parse(bytes), made.values()));
}

/** Those of a class that have the same shape are one class: there is less to load. */
static Map<Shape, LambdaClass> lambdaClasses(ClassModel type) {
    Map<Shape, LambdaClass> made = new LinkedHashMap<>();
    type.constantPool().forEach(entry -> {
        if (entry instanceof InvokeDynamicEntry site && isLambda(site)) {
            ClassDesc self = type.thisClass().asSymbol();
            made.computeIfAbsent(Shape.of(site.asSymbol()), shape -> new LambdaClass(
                            ClassDesc.of(self.packageName(), self.displayName() + "$$Lambda" + made.size()),
                            shape,
                            new ArrayList<>()))
                    .targets()
                    .add(Target.of(site.asSymbol()));
        }
    });
    return made;
}

static boolean isLambda(InvokeDynamicEntry site) {
    return site.bootstrap().bootstrapMethod().reference().owner().matches(FACTORY);
}

static byte[] withNestMembers(ClassFile format, ClassModel host, Collection<LambdaClass> more) {
    List<ClassDesc> members = new ArrayList<>();
    host.findAttribute(Attributes.nestMembers())
            .ifPresent(before -> before.nestMembers().forEach(member -> members.add(member.asSymbol())));
    more.forEach(lambda -> members.add(lambda.name()));
    // Classes of before 11 are in no nest.
    int version = Math.max(host.majorVersion(), ClassFile.JAVA_11_VERSION);
    return format.transformClass(
            host,
            ClassTransform.dropping(part -> part instanceof NestMembersAttribute || part instanceof ClassFileVersion)
                    .andThen(ClassTransform.endHandler(
                            type -> type.withVersion(version, 0).with(NestMembersAttribute.ofSymbols(members)))));
}

static String file(ClassDesc type) {
    String descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1) + ".class";
}

/** What a lambda implements, and the types of the values that it keeps. */
record Shape(List<ClassDesc> interfaces, String method, List<MethodTypeDesc> forms, List<ClassDesc> kept) {
    static Shape of(DynamicCallSiteDesc lambda) {
        List<ConstantDesc> arguments = List.of(lambda.bootstrapArgs());
        Set<ClassDesc> interfaces =
                new LinkedHashSet<>(List.of(lambda.invocationType().returnType()));
        Set<MethodTypeDesc> forms = new LinkedHashSet<>(List.of((MethodTypeDesc) arguments.getFirst()));
        if (arguments.size() > 3) {
            // As altMetafactory has them: flags, and as they say, how many of a thing follow, and these.
            Iterator<ConstantDesc> more = arguments.listIterator(3);
            int flags = (Integer) more.next();
            if ((flags & LambdaMetafactory.FLAG_SERIALIZABLE) != 0) {
                interfaces.add(ClassDesc.of(Serializable.class.getName()));
            }
            if ((flags & LambdaMetafactory.FLAG_MARKERS) != 0) {
                for (int i = (Integer) more.next(); i > 0; i--) {
                    interfaces.add((ClassDesc) more.next());
                }
            }
            if ((flags & LambdaMetafactory.FLAG_BRIDGES) != 0) {
                for (int i = (Integer) more.next(); i > 0; i--) {
                    forms.add((MethodTypeDesc) more.next());
                }
            }
        }
        return new Shape(
                List.copyOf(interfaces),
                lambda.invocationName(),
                List.copyOf(forms),
                lambda.invocationType().parameterList());
    }
}

/** What a lambda calls, and its parameters as it is written, which are those of the interface or narrower. */
record Target(DirectMethodHandleDesc method, List<ClassDesc> parameters) {
    static Target of(DynamicCallSiteDesc lambda) {
        ConstantDesc[] arguments = lambda.bootstrapArgs();
        return new Target((DirectMethodHandleDesc) arguments[1], ((MethodTypeDesc) arguments[2]).parameterList());
    }
}

/** A class of one or more lambdas; an object of it is told which of them it is. */
record LambdaClass(ClassDesc name, Shape shape, List<Target> targets) {
    private static final String WHICH = "which";
    private static final String MAKE = "make";

    private static final Map<ClassDesc, ClassDesc> BOXES = Map.of(
            ConstantDescs.CD_boolean, ConstantDescs.CD_Boolean,
            ConstantDescs.CD_byte, ConstantDescs.CD_Byte,
            ConstantDescs.CD_char, ConstantDescs.CD_Character,
            ConstantDescs.CD_short, ConstantDescs.CD_Short,
            ConstantDescs.CD_int, ConstantDescs.CD_Integer,
            ConstantDescs.CD_long, ConstantDescs.CD_Long,
            ConstantDescs.CD_float, ConstantDescs.CD_Float,
            ConstantDescs.CD_double, ConstantDescs.CD_Double);

    /** Makes an object of what lies on the stack, in the place of the invokedynamic that did so. */
    void make(CodeBuilder code, Target target) {
        code.loadConstant(targets.indexOf(target)).invokestatic(name, MAKE, maker(shape.interfaces().getFirst()));
    }

    byte[] bytes(ClassFile format, ClassDesc host) {
        return format.build(name, type -> {
            type.withVersion(ClassFile.JAVA_11_VERSION, 0)
                    .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(shape.interfaces())
                    .with(NestHostAttribute.of(host));
            MethodTypeDesc constructor = maker(ConstantDescs.CD_void);
            for (int i = 0; i < constructor.parameterCount(); i++) {
                type.withField(field(i), constructor.parameterType(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
            }
            type.withMethodBody(ConstantDescs.INIT_NAME, constructor, ClassFile.ACC_PRIVATE, code -> {
                code.aload(0)
                        .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
                for (int i = 0; i < constructor.parameterCount(); i++) {
                    ClassDesc parameter = constructor.parameterType(i);
                    code.aload(0)
                            .loadLocal(TypeKind.from(parameter), code.parameterSlot(i))
                            .putfield(name, field(i), parameter);
                }
                code.return_();
            });
            MethodTypeDesc maker = maker(shape.interfaces().getFirst());
            type.withMethodBody(MAKE, maker, ClassFile.ACC_STATIC, code -> {
                code.new_(name).dup();
                for (int i = 0; i < maker.parameterCount(); i++) {
                    code.loadLocal(TypeKind.from(maker.parameterType(i)), code.parameterSlot(i));
                }
                code.invokespecial(name, ConstantDescs.INIT_NAME, constructor).areturn();
            });
            for (MethodTypeDesc form : shape.forms()) {
                type.withMethodBody(shape.method(), form, ClassFile.ACC_PUBLIC, code -> body(code, form));
            }
        });
    }

    private MethodTypeDesc maker(ClassDesc result) {
        return MethodTypeDesc.of(result, shape.kept()).insertParameterTypes(shape.kept().size(), ConstantDescs.CD_int);
    }

    private String field(int number) {
        return number == shape.kept().size() ? WHICH : "kept" + number;
    }

    private void body(CodeBuilder code, MethodTypeDesc form) {
        if (targets.size() == 1) {
            call(code, form, targets.getFirst());
            return;
        }
        List<Label> labels = targets.stream().map(_ -> code.newLabel()).toList();
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            cases.add(SwitchCase.of(i, labels.get(i)));
        }
        code.aload(0).getfield(name, WHICH, ConstantDescs.CD_int).tableswitch(labels.getFirst(), cases);
        for (int i = 0; i < labels.size(); i++) {
            code.labelBinding(labels.get(i));
            call(code, form, targets.get(i));
        }
    }

    private void call(CodeBuilder code, MethodTypeDesc form, Target target) {
        DirectMethodHandleDesc method = target.method();
        ClassDesc owner = method.owner();
        if (method.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR) {
            code.new_(owner).dup();
        }
        int kept = shape.kept().size();
        for (int i = 0; i < kept; i++) {
            code.aload(0).getfield(name, field(i), shape.kept().get(i));
        }
        MethodTypeDesc called = method.invocationType();
        for (int i = 0; i < form.parameterCount(); i++) {
            ClassDesc parameter = form.parameterType(i);
            code.loadLocal(TypeKind.from(parameter), code.parameterSlot(i));
            ClassDesc written = target.parameters().get(i);
            if (!parameter.isPrimitive() && !written.isPrimitive()) {
                cast(code, parameter, written);
                parameter = written;
            }
            convert(code, parameter, called.parameterType(kept + i));
        }
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(method.lookupDescriptor());
        switch (method.kind()) {
            case STATIC, INTERFACE_STATIC ->
                code.invokestatic(owner, method.methodName(), type, method.isOwnerInterface());
            case CONSTRUCTOR -> code.invokespecial(owner, ConstantDescs.INIT_NAME, type);
            // The special ones are the class's own private methods, which a nest mate calls like any other.
            case VIRTUAL, SPECIAL -> code.invokevirtual(owner, method.methodName(), type);
            case INTERFACE_VIRTUAL, INTERFACE_SPECIAL -> code.invokeinterface(owner, method.methodName(), type);
            default -> throw new IllegalArgumentException(method + " is no method");
        }
        finish(code, called.returnType(), form.returnType());
    }

    private static void finish(CodeBuilder code, ClassDesc from, ClassDesc to) {
        if (!to.equals(ConstantDescs.CD_void)) {
            convert(code, from, to);
        } else if (TypeKind.from(from).slotSize() == 2) {
            code.pop2();
        } else if (TypeKind.from(from).slotSize() == 1) {
            code.pop();
        }
        code.return_(TypeKind.from(to));
    }

    private static void convert(CodeBuilder code, ClassDesc from, ClassDesc to) {
        if (from.isPrimitive() && to.isPrimitive()) {
            widen(code, from, to);
        } else if (from.isPrimitive()) {
            ClassDesc box = BOXES.get(from);
            code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, from));
        } else if (to.isPrimitive()) {
            ClassDesc box = BOXES.containsValue(from) ? from : BOXES.get(to);
            cast(code, from, box);
            BOXES.forEach((primitive, of) -> {
                if (of.equals(box)) {
                    code.invokevirtual(box, primitive.displayName() + "Value", MethodTypeDesc.of(primitive));
                    widen(code, primitive, to);
                }
            });
        } else {
            cast(code, from, to);
        }
    }

    private static void widen(CodeBuilder code, ClassDesc from, ClassDesc to) {
        TypeKind kind = TypeKind.from(from).asLoadable();
        if (kind != TypeKind.from(to).asLoadable()) {
            code.conversion(kind, TypeKind.from(to));
        }
    }

    private static void cast(CodeBuilder code, ClassDesc from, ClassDesc to) {
        if (!to.equals(from) && !to.equals(ConstantDescs.CD_Object)) {
            code.checkcast(to);
        }
    }
}
