/**
 * Copies a jar with its files sorted by name, all with the same time, and uncompressed. Otherwise the jar would contain
 * the time at which it was written. The zip that contains the jar compresses uncompressed files better.
 *
 * <p>{@code java SameBytes.java JAR COPY TIME}
 */
void main(String[] arguments) throws IOException {
    Path copy = Path.of(arguments[1]);
    // Zip times have no zone, so the bytes are the same everywhere.
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
