package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the console with the keyboard only, on small screens, in dark mode, and with axe-core. */
final class ConsoleAccessIT extends ConsolePage {
    private static final Path AXE = LocalDeployment.PROJECT.resolve("node_modules/axe-core/axe.min.js");
    private static final List<String> VIEWS =
            List.of("Overview", "Instances", "Prices", "History", "Launch", "Activity");

    /** Runs axe-core with all its rules, and returns the violations. */
    private static final String VIOLATIONS = """
            axe.run(document).then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(
                node => id + ': ' + node.html.slice(0, 150) + ' ' + node.failureSummary.slice(0, 200))).join('\\n'))""";

    ConsoleAccessIT(LocalDeployment service) throws Exception {
        super(service);
    }

    @Test
    void worksWithKeyboardOnly() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        openWith(ALL_TASKS);
        await("Prices");
        tabTo("[data-view=prices]");
        page().press(Page.Key.ENTER);
        page().until("document.activeElement?.textContent === 'Prices' && document.activeElement.matches('h1')");
        tabTo("[name=types]");
        page().type("m7g.large");
        page().press(Page.Key.ENTER);
        awaitPrices("m7g.large");
        tabTo("th button");
        page().press(Page.Key.ENTER);
        assertTrue(hasFocus("[aria-sort=ascending] button"), "the focus must stay on the heading");
        page().press(Page.Key.SPACE);
        assertTrue(hasFocus("[aria-sort=descending] button"), "the focus must stay on the heading");
        tabTo("td [aria-label^=Launch]");
        page().press(Page.Key.ENTER);
        awaitCodePrompt();
        page().press(Page.Key.ESCAPE);
        awaitNoDialog();
        tabTo(".check button");
        page().press(Page.Key.ENTER);
        enterCode(device.code());
        await("Launch 1 instance");
        tabTo(".launch-now");
        page().press(Page.Key.ENTER);
        awaitText(".check", "Launched");
        assertEquals(1, service.alive().size());
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void showsStateTimePriceAndEndOnPhone() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        launch(device, 1);
        page().emulate(390, 844, false);
        openWith(ALL_TASKS);
        view("Instances");
        awaitTimeLeft("(7 h 5[0-9]|8 h 0) min");

        for (String part : List.of(".state", "[data-lease]", ".c-price", "[aria-label^=End]")) {
            assertEquals(
                    "true",
                    page().read("(() => { const {left, right, top, bottom} = document.querySelector('" + ALIVE_ROW + " "
                            + part + "').getBoundingClientRect();"
                            + "return left >= 0 && right <= 390 && top >= 0 && bottom <= 844 - 60; })()"),
                    part);
        }
        unlock(device);
        for (String view : VIEWS) {
            show(view);
            assertFitsPhone(390);
        }
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void hasNoViolationOnPhoneInDarkModeAndDesktop() throws Exception {
        MfaDevice device = fill();
        page().emulate(390, 900, true);
        page().open(service.output(TokenApp.STACK, "Url"));
        await("Sign in");
        assertNoViolation("Sign in");
        openWith(ALL_TASKS);
        unlock(device);
        assertNoViolations(390, true);
        assertNoViolations(1280, false);
    }

    @Test
    @Tag("long")
    void hasNoViolationAtThreeSizesInBothSchemes() throws Exception {
        MfaDevice device = fill();
        openWith(ALL_TASKS);
        unlock(device);
        for (int width : new int[] {390, 768, 1280}) {
            for (boolean dark : new boolean[] {false, true}) {
                assertNoViolations(width, dark);
            }
        }
    }

    /** Launches what looks like a service that is used. One instance has been interrupted. */
    private MfaDevice fill() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        JsonNode minted = tokenService.mint(ALL_TASKS);
        String session = tokenService
                .ask("{\"task\":\"status\",\"mfaCode\":\"" + device.code() + "\"}", minted)
                .json()
                .at("/meta/session")
                .asText();
        launch("train-embeddings", "m7g.2xlarge", "8h", 170, session, minted);
        launch("render-frames", "c7g.4xlarge", "3h", 157, session, minted);
        launch("notebook", "r7g.large", "12h", 45, session, minted);
        launch("nightly-tests", "c7g.xlarge", "2h", 20, session, minted);
        service.instanceStore().interrupt(launch("crawler", "m7g.large", "8h", 40, session, minted));
        return device;
    }

    private Instance launch(String name, String type, String lease, int minutesAgo, String session, JsonNode minted)
            throws Exception {
        SpotUrl.Answer launched = tokenService.ask(
                RequestBody.launch(type)
                        .with("lease", lease)
                        .with("tags", Map.of("Name", name))
                        .with("session", session)
                        .toString(),
                minted);
        assertEquals(200, launched.status(), launched.text());
        String id = launched.json().at("/data/0/InstanceId").asText();
        Instance instance = service.alive().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
        Instant end =
                Instant.parse(launched.json().at("/data/0/Lease").asText()).minus(Duration.ofMinutes(minutesAgo));
        service.instanceStore().backdate(instance, Duration.ofMinutes(minutesAgo));
        service.instanceStore().tag(id, Map.of("spotspec:lease", end.toString()));
        return instance;
    }

    /** Enters a code, so that history and dry runs answer. */
    private void unlock(MfaDevice device) throws Exception {
        await("End all");
        view("History");
        awaitCodePrompt();
        assertNoViolation("Code");
        enterCode(device.code());
        page().until("document.querySelector('.chart canvas')");
        awaitNoDialog();
    }

    private void show(String view) throws Exception {
        view(view);
        page().until("!document.querySelector('.skeleton') && document.querySelector('"
                + switch (view) {
                    case "History" -> ".chart canvas";
                    case "Prices" -> "svg.spark";
                    case "Launch" -> "form";
                    default -> "main";
                }
                + "')");
    }

    private void assertNoViolations(int width, boolean dark) throws Exception {
        page().emulate(width, 900, dark);
        String size = width + (dark ? "-dark" : "");
        for (String view : VIEWS) {
            show(view);
            if (view.equals("Launch")) {
                fill("types", "m7g.large");
                await("Launch 1 instance");
            }
            assertNoViolation(view + " " + size);
        }
        show("Instances");
        for (String dialog : List.of("End train-embeddings", "Extend train-embeddings", "train-embeddings")) {
            press(dialog);
            assertNoViolation(dialog + " " + size);
            page().press(Page.Key.ESCAPE);
            awaitNoDialog();
        }
        assertEquals(List.of(), page().pageErrors());
    }

    private void assertNoViolation(String name) throws Exception {
        page().screenshot(SCREENSHOTS.resolve(name.toLowerCase(Locale.ROOT).replace(' ', '-') + ".png"));
        if (page().read("window.axe === undefined").equals("true")) {
            page().run(Files.readString(AXE));
        }
        assertEquals("", page().read(VIOLATIONS), name);
    }
}
