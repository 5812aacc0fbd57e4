package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
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
        String app = Deployed.JAVA + " -cp " + classPath() + " " + ImportingApp.class.getName();
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

    /** The construct's jar and its dependencies as this project's own app has them, and the importing app. */
    private static String classPath() throws Exception {
        String arguments = Files.readString(Deployed.PROJECT.resolve("infra/target/app.args"));
        String own = arguments.substring(arguments.indexOf('"') + 1, arguments.lastIndexOf('"'));
        Path classes = Path.of(ImportingApp.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return List.of(own, classes.toString()).stream().collect(Collectors.joining(java.io.File.pathSeparator));
    }
}
