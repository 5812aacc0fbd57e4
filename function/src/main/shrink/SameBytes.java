/**
 * Copies a jar, its files in the order of their names, with one time for all, and not compressed: whoever writes a jar
 * writes the time of that, and the zip around the jar compresses what is not yet compressed better.
 *
 * <p>{@code java SameBytes.java JAR COPY TIME}
 */
void main(String[] arguments) throws IOException {
    Path copy = Path.of(arguments[1]);
    // Without a zone, as a zip has it: the bytes are the same everywhere.
    LocalDateTime time = OffsetDateTime.parse(arguments[2]).toLocalDateTime();
    Files.createDirectories(copy.getParent());
    try (ZipFile from = new ZipFile(arguments[0]);
            ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(copy))) {
        List<? extends ZipEntry> files = from.stream()
                .filter(entry -> !entry.isDirectory())
                .sorted(Comparator.comparing(ZipEntry::getName))
                .toList();
        for (ZipEntry file : files) {
            ZipEntry entry = new ZipEntry(file.getName());
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(file.getSize());
            entry.setCrc(file.getCrc());
            entry.setTimeLocal(time);
            to.putNextEntry(entry);
            from.getInputStream(file).transferTo(to);
        }
    }
}
