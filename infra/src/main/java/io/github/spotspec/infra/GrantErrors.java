package io.github.spotspec.infra;

/** The errors of calls that do not match how callers authenticate to the URL. */
final class GrantErrors {
    private GrantErrors() {}

    static IllegalStateException invokeWithTokens() {
        return new IllegalStateException(
                "'grantInvoke' has no effect if 'urlAuth' is token, because the URL does not check signatures; use"
                        + " 'grantMint' to let the principal create tokens");
    }

    static IllegalStateException noMinter() {
        return new IllegalStateException("'getMinterName' needs 'urlAuth' token, but this URL takes signed requests, so"
                + " the service has no minter");
    }

    static IllegalStateException mintWithoutTokens() {
        return new IllegalStateException(
                "'grantMint' needs 'urlAuth' token, but this URL takes signed requests; use 'grantInvoke' to let"
                        + " the principal call the URL");
    }
}
