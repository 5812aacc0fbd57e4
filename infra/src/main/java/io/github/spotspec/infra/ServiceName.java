package io.github.spotspec.infra;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;
import software.constructs.Construct;

/**
 * The name of a service: the stack's name, the construct's path in the stack, and the home region. This library derives
 * all other names from it, so the shortest limit applies. That is 255 characters for a saved query, which adds a folder
 * and a title. Tags allow 256 characters, and metric dimensions 1,024. CloudFormation shortens the names that it
 * generates itself.
 */
final class ServiceName {
    /** Leaves room for {@code @} and a region, and for what saved queries add. */
    private static final int MAX_LENGTH = 200;

    /** CloudFormation's own limit. Applies to a stack whose name only CloudFormation knows, which is a nested stack. */
    private static final int MAX_STACK_NAME = 128;

    private static final int HASH_LENGTH = 8;

    private ServiceName() {}

    static String of(Construct service) {
        Stack stack = Stack.of(service);
        String stackPath = stack.getNode().getPath();
        String path = service.getNode().getPath();
        String pathInStack = stackPath.isEmpty() ? path : path.substring(stackPath.length() + 1);
        String stackName = stack.getStackName();
        int room = MAX_LENGTH - 1 - (Token.isUnresolved(stackName) ? MAX_STACK_NAME : stackName.length());
        return stackName + "/" + fitting(pathInStack, room) + "@" + stack.getRegion();
    }

    /**
     * Returns a path that is short enough and has only characters that tags, metrics and saved queries allow. A path
     * that must change gets a hash of the original, so that different paths stay different.
     */
    static String fitting(String path, int room) {
        String plain = path.replaceAll("[^A-Za-z0-9 ._/=+-]", "-");
        if (plain.equals(path) && path.length() <= room) {
            return path;
        }
        return plain.substring(0, Math.min(plain.length(), room - HASH_LENGTH - 1)) + "-" + hash(path);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
