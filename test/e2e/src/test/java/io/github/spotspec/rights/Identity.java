package io.github.spotspec.rights;

/** Who acts. The name is how its logical id begins, or empty for somebody who is not of the stack. */
enum Identity {
    /** The user whose key the secret holds. */
    OPERATOR("SpotOperator"),
    /** The role of the function behind the URL. */
    FUNCTION("SpotFunctionRole"),
    /** The role of the keeper's function; a deployment that launches nothing has none, and then nobody has its rights. */
    KEEPER("SpotKeeperRole"),
    /** The role of the function that makes tokens, where there are any. */
    MINTER("SpotMinterRole"),
    /** The role of the function that rotates secrets, where they are. */
    ROTATION("SpotRotationRole"),
    /** A role that was given {@code grantInvoke}, or {@code grantMint} where there are tokens. */
    CALLER("Caller"),
    /** Some user of the account. */
    STRANGER("");

    final String logicalId;

    Identity(String logicalId) {
        this.logicalId = logicalId;
    }

    boolean isUser() {
        return this == OPERATOR || this == STRANGER;
    }
}
