package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The construct in another app: with props, without feature flags, called by whom that app grants it. */
@ExtendWith(SharedDeployment.class)
final class ImportIT {
    private final Deployed service;

    ImportIT(Deployed service) {
        this.service = service;
    }

    @Test
    void whoeverTheAppGrantsItCallsTheUrl(@TempDir Path folder) throws Exception {
        String app = Deployed.command(ImportingApp.class);
        service.cdk(folder, "deploy", "--app", app, "--require-approval", "never");
        SpotUrl url = new SpotUrl(service.output("Importer", "Url"), Deployed.HOME);
        AccessKey robot = new AccessKey(
                service.output("Importer", "RobotKeyId"), service.output("Importer", "RobotSecret"), "robot", true);

        SpotUrl.Answer answer = url.post("{\"task\":\"price\",\"types\":[\"m7g.large\"]}", robot);

        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.text().contains("eu-west-1a"), answer.text());
        assertEquals(403, url.post("{\"task\":\"price\"}", service.caller()).status(), "granted to somebody else");
        assertEquals(403, service.url().post("{\"task\":\"price\"}", robot).status(), "granted another service");
        assertEquals(
                "RegionNotAllowed",
                url.post("{\"task\":\"price\",\"region\":\"us-west-2\"}", robot).error());

        service.cdk(folder, "destroy", "--app", app, "--force");
        assertTrue(service.cloud().world().everything().stream().noneMatch(thing -> thing.contains("Importer")));
    }
}
