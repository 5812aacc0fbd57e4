/**
 * Copies modules of the running JDK from its run-time image into a jar, because ProGuard reads jars and jmods, and a
 * JDK no longer needs to have jmods (JEP 493).
 *
 * <p>{@code java JdkClasses.java JAR MODULE…}
 */
void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Files.createDirectories(file.getParent());
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
        jar.setLevel(Deflater.NO_COMPRESSION);
        for (String name : List.of(arguments).subList(1, arguments.length)) {
            Path module = Path.of(URI.create("jrt:/" + name));
            try (Stream<Path> files = Files.walk(module)) {
                for (Path type : files.filter(this::isClass).toList()) {
                    jar.putNextEntry(new JarEntry(module.relativize(type).toString()));
                    Files.copy(type, jar);
                }
            }
        }
    }
}

boolean isClass(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".class") && !name.equals("module-info.class");
}
