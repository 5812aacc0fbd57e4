package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Base class for tests of the command line client. */
@ExtendWith(SharedDeployment.class)
abstract class SpotClientBase {
    static final int DONE = 0;
    static final int REFUSED = 1;
    static final int USAGE = 2;
    static final int MISSING_SETUP = 3;
    static final int RETRY_LATER = 4;

    @TempDir
    Path folder;

    final LocalDeployment service;

    SpotClientBase(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        service.clear();
    }

    SpotClient client() throws Exception {
        return new SpotClient(folder).with("SPOT_URL", service.output("Spotspec", "Url"));
    }

    /** Returns a client with a token for some tasks and a session, but without an AWS key. */
    SpotClient loggedInWithToken(String tasks) throws Exception {
        String token = TokenService.in(service)
                .mint("{\"tasks\":[\"" + tasks.replace(",", "\",\"") + "\"]}")
                .path("token")
                .asText();
        SpotClient client = new SpotClient(folder)
                .with("SPOT_URL", service.output(TokenApp.STACK, "Url"))
                .with("SPOT_TOKEN", token);
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        SpotClient.Result login = client.runWith(device.code() + "\n", "login");
        assertEquals(DONE, login.status(), login.err());
        return client;
    }

    SpotClient signed() throws Exception {
        return client().signedBy(service.caller());
    }
}
