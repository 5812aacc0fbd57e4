import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.constant.DirectMethodHandleDesc.Kind;

static final ClassDesc FACTORY = ClassDesc.of(LambdaMetafactory.class.getName());

/**
 * Copies a jar, with its lambdas and method references as classes. The JVM makes a class of each, too, but only when it comes
 * to it, and that takes many times as long as to load one. They do what {@link LambdaMetafactory#metafactory} says; but one that
 * keeps no values is made anew each time. Those of its {@code altMetafactory}, which can be serialized or have marker interfaces,
 * stay as they are.
 *
 * <p>{@code java LambdaClasses.java JAR COPY}
 */
void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[0]);
    Map<String, byte[]> files = files(jar);
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
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            copy.putNextEntry(new ZipEntry(file.getKey()));
            copy.write(file.getValue());
        }
    }
}

static Map<String, byte[]> files(Path jar) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
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
    for (LambdaClass lambda : made.values()) {
        if (files.putIfAbsent(file(lambda.name()), lambda.bytes(format, host)) != null) {
            throw new IllegalStateException("there is a " + file(lambda.name()) + " already");
        }
    }
    byte[] before = files.get(file(host));
    if (before == null) {
        throw new IllegalStateException("there is no " + file(host) + ", whose nest " + name + " is in");
    }
    files.put(file(host), withNestMembers(format, format.parse(before), made.values()));
}

/** Those of a class that have the same shape are one class: there is less to load. */
static Map<Shape, LambdaClass> lambdaClasses(ClassModel type) {
    Map<Shape, LambdaClass> made = new LinkedHashMap<>();
    ClassDesc self = type.thisClass().asSymbol();
    type.constantPool().forEach(entry -> {
        if (entry instanceof InvokeDynamicEntry site && isLambda(site)) {
            DynamicCallSiteDesc lambda = site.asSymbol();
            Target target = Target.of(lambda);
            checkReach(type, target.method());
            made.computeIfAbsent(Shape.of(lambda), shape -> new LambdaClass(
                            ClassDesc.of(self.packageName(), self.displayName() + "$$Lambda" + made.size()),
                            shape,
                            new ArrayList<>()))
                    .targets()
                    .add(target);
        }
    });
    return made;
}

static boolean isLambda(InvokeDynamicEntry site) {
    MethodHandleEntry factory = site.bootstrap().bootstrapMethod();
    return factory.reference().owner().matches(FACTORY)
            && factory.reference().name().equalsString("metafactory");
}

/** Refuses a call of a method past those that override it: a class of its own can call so only what is private. */
static void checkReach(ClassModel type, DirectMethodHandleDesc method) {
    boolean isSpecial = method.kind() == Kind.SPECIAL || method.kind() == Kind.INTERFACE_SPECIAL;
    if (isSpecial && type.methods().stream().noneMatch(own -> isPrivate(own, type, method))) {
        throw new IllegalStateException("a lambda of " + type.thisClass().asInternalName()
                + " calls what is not a private method of that: " + method);
    }
}

static boolean isPrivate(MethodModel own, ClassModel type, DirectMethodHandleDesc method) {
    return type.thisClass().matches(method.owner())
            && own.methodName().equalsString(method.methodName())
            && own.methodType().equalsString(method.lookupDescriptor())
            && own.flags().has(AccessFlag.PRIVATE);
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
record Shape(ClassDesc type, String method, MethodTypeDesc form, List<ClassDesc> kept) {
    static Shape of(DynamicCallSiteDesc lambda) {
        MethodTypeDesc making = lambda.invocationType();
        return new Shape(
                making.returnType(),
                lambda.invocationName(),
                (MethodTypeDesc) lambda.bootstrapArgs()[0],
                making.parameterList());
    }
}

/** What a lambda calls, and the interface's method as it is written there, with the same types or narrower ones. */
record Target(DirectMethodHandleDesc method, MethodTypeDesc written) {
    static Target of(DynamicCallSiteDesc lambda) {
        ConstantDesc[] arguments = lambda.bootstrapArgs();
        return new Target((DirectMethodHandleDesc) arguments[1], (MethodTypeDesc) arguments[2]);
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
        code.loadConstant(targets.indexOf(target)).invokestatic(name, MAKE, maker(shape.type()));
    }

    byte[] bytes(ClassFile format, ClassDesc host) {
        return format.build(name, type -> {
            type.withVersion(ClassFile.JAVA_11_VERSION, 0)
                    .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(shape.type())
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
            MethodTypeDesc maker = maker(shape.type());
            type.withMethodBody(MAKE, maker, ClassFile.ACC_STATIC, code -> {
                code.new_(name).dup();
                for (int i = 0; i < maker.parameterCount(); i++) {
                    code.loadLocal(TypeKind.from(maker.parameterType(i)), code.parameterSlot(i));
                }
                code.invokespecial(name, ConstantDescs.INIT_NAME, constructor).areturn();
            });
            type.withMethodBody(shape.method(), shape.form(), ClassFile.ACC_PUBLIC, this::body);
        });
    }

    private MethodTypeDesc maker(ClassDesc result) {
        return MethodTypeDesc.of(result, shape.kept()).insertParameterTypes(shape.kept().size(), ConstantDescs.CD_int);
    }

    private String field(int number) {
        return number == shape.kept().size() ? WHICH : "kept" + number;
    }

    private void body(CodeBuilder code) {
        if (targets.size() == 1) {
            call(code, targets.getFirst());
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
            call(code, targets.get(i));
        }
    }

    private void call(CodeBuilder code, Target target) {
        MethodTypeDesc form = shape.form();
        DirectMethodHandleDesc method = target.method();
        ClassDesc owner = method.owner();
        if (method.kind() == Kind.CONSTRUCTOR) {
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
            parameter = narrow(code, parameter, target.written().parameterType(i));
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
        ClassDesc result = narrow(code, called.returnType(), target.written().returnType());
        finish(code, result, form.returnType());
    }

    /** Refuses at run time what is not of the type that is written, and returns the type that is known then. */
    private static ClassDesc narrow(CodeBuilder code, ClassDesc from, ClassDesc written) {
        if (from.isPrimitive() || written.isPrimitive()) {
            return from;
        }
        cast(code, from, written);
        return written;
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
            unbox(code, from, to);
        } else {
            cast(code, from, to);
        }
    }

    private static void unbox(CodeBuilder code, ClassDesc from, ClassDesc to) {
        for (Map.Entry<ClassDesc, ClassDesc> box : BOXES.entrySet()) {
            if (box.getValue().equals(from)) {
                code.invokevirtual(from, value(box.getKey()), MethodTypeDesc.of(box.getKey()));
                widen(code, box.getKey(), to);
                return;
            }
        }
        boolean isNumber = !to.equals(ConstantDescs.CD_char) && !to.equals(ConstantDescs.CD_boolean);
        ClassDesc box = isNumber ? ConstantDescs.CD_Number : BOXES.get(to);
        cast(code, from, box);
        code.invokevirtual(box, value(to), MethodTypeDesc.of(to));
    }

    private static String value(ClassDesc primitive) {
        return primitive.displayName() + "Value";
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
