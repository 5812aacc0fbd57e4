package io.github.spotspec.rights;

/** An identity, with the prefix of its logical id. The prefix is empty if the identity is not in the stack. */
enum Identity {
    /** The user whose key the secret holds. */
    OPERATOR("SpotOperator"),
    /** The role of the function behind the URL. */
    FUNCTION("SpotFunctionRole"),
    /** The role of the keeper. A deployment without launches has no keeper. */
    KEEPER("SpotKeeperRole"),
    /** The role of the minter, if the deployment has one. */
    MINTER("SpotMinterRole"),
    /** The role of the function that rotates secrets, if the deployment has one. */
    ROTATION("SpotRotationRole"),
    /** A role with {@code grantInvoke}, or with {@code grantMint} if the URL takes tokens. */
    CALLER("Caller"),
    /** A user of the account without grants. */
    STRANGER("");

    final String logicalId;

    Identity(String logicalId) {
        this.logicalId = logicalId;
    }

    boolean isUser() {
        return this == OPERATOR || this == STRANGER;
    }
}
