package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The console, in a real browser. Needs Chromium on the PATH, as {@code .ci/run} sees to. */
@ExtendWith(SharedDeployment.class)
final class ConsoleIT {
    private static final Path PICTURES = Deployed.PROJECT.resolve("test/target/console");
    /** The row of what has not ended; what other tests ended is shown for a while, as EC2 has it. */
    private static final String ALIVE = "#instances tr:has([aria-label^=Extend])";

    private static final String ALL = "{\"tasks\":[\"price\",\"history\",\"launch\",\"instances\",\"extend\",\"end\"]}";

    private final Deployed service;
    private final Minting minting;
    private @Nullable Browser browser;

    ConsoleIT(Deployed service) throws Exception {
        this.service = service;
        this.minting = Minting.in(service);
    }

    @BeforeEach
    void open(@TempDir Path profile) throws Exception {
        String program = Browser.program();
        assumeTrue(program != null, "no Chromium on the PATH");
        service.clear();
        browser = Browser.start(String.valueOf(program), profile);
        page().look(1100, 800, false);
    }

    @AfterEach
    void close() {
        if (browser != null) {
            browser.close();
        }
    }

    private Browser page() {
        return java.util.Objects.requireNonNull(browser);
    }

    private JsonNode openWith(String mint) throws Exception {
        JsonNode minted = minting.mint(mint);
        page().open(minted.path("url").asText() + "#token="
                + minted.path("token").asText());
        return minted;
    }

    private void set(String view, String field, String value) throws Exception {
        page().run("const field = document.querySelector('#" + view + " [name=" + field + "]'); field.value = '" + value
                + "'; field.dispatchEvent(new Event('input', {bubbles: true}));");
    }

    private void click(String selector) throws Exception {
        page().run("document.querySelector(`" + selector + "`).click();");
    }

    private void submit(String view) throws Exception {
        click("#" + view + " form button");
    }

    private void untilTold(String words) throws Exception {
        page().until("document.getElementById('status').textContent.includes('" + words + "')");
    }

    /** Waits until the time left of what has not ended is shown so; a lease ends with a whole minute. */
    private void untilLeft(String time) throws Exception {
        page().until("/^" + time + "$/.test(document.querySelector('" + ALIVE + " [data-lease]').textContent)");
    }

    @Test
    void pricesAreATableThatSortsAndTheirHistoryIsDrawn() throws Exception {
        JsonNode minted = openWith(ALL);
        assertEquals(
                service.output(TokenApp.STACK, "Url"), page().read("location.href"), "the token is not in the address");
        assertFalse(page().read("document.documentElement.outerHTML")
                .contains(minted.path("token").asText()));

        set("price", "types", "m7g.large c7g.large");
        set("price", "products", "Linux/UNIX");
        submit("price");
        untilTold("pools, as of");
        String cells = "[...document.querySelectorAll('#price tbody tr')].map(row => row.cells[%d].textContent)";
        assertEquals(
                "true",
                page().read(cells.formatted(3)
                        + ".every((price, i, all) => !i || Number(all[i - 1]) <= Number(price))"));
        click("#price th button");
        assertEquals("ascending", page().read("document.querySelector('#price th').ariaSort"));
        assertEquals("c7g.large", page().read(cells.formatted(0) + "[0]"));
        click("#price th button");
        assertEquals("m7g.large", page().read(cells.formatted(0) + "[0]"));
        page().picture(PICTURES.resolve("prices.png"));

        click("#price tbody button");
        untilTold("pools, from");
        page().until("document.querySelectorAll('#history canvas').length > 1");
        assertEquals("m7g.large", page().read("document.querySelector('#history [name=types]').value"));
        assertEquals(
                "true",
                page().read(
                                "[...document.querySelectorAll('#history canvas')].every(canvas => "
                                        + "canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"),
                "something is drawn");
        page().picture(PICTURES.resolve("history.png"));
        assertEquals(List.of(), page().problems());
    }

    /** Waits until an error is told by its word and a part of its sentence, and the form asks for a code. */
    private void untilACodeIsAskedFor(String view, String word, String words) throws Exception {
        page().until("!document.getElementById('error').hidden");
        String error = page().read("document.getElementById('error').textContent");
        assertTrue(error.startsWith(word + " ") && error.contains(words), error);
        assertEquals(
                "true",
                page().read("document.activeElement === document.querySelector('#" + view + " [name=mfaCode]')"));
    }

    @Test
    void whatIsRehearsedWithACodeIsLaunchedOnceThenExtendedAndEndedWithoutAnother() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        openWith(ALL);
        click("[data-view=launch]");
        set("launch", "types", "m7g.large");
        set("launch", "ami", Ask.ARM_IMAGE);
        set("launch", "lease", "2h");
        submit("launch");
        untilACodeIsAskedFor("launch", "MfaRequired", "mfaCode");
        page().type(device.wrongCode());
        page().press(Browser.Key.ENTER);
        page().until("document.getElementById('error').textContent.startsWith('MfaRejected')");
        untilACodeIsAskedFor("launch", "MfaRejected", "invalid MFA one time pass code");
        assertEquals("", page().read("document.activeElement.value"), "a code is not kept");
        page().type(device.code());
        page().press(Browser.Key.ENTER);
        untilTold("Nothing is launched yet.");
        assertEquals(0, service.alive().size());
        page().picture(PICTURES.resolve("rehearsed.png"));

        page().run("const button = document.getElementById('launch-now'); button.click(); button.click();");
        untilTold("1 of 1 launched.");
        assertEquals(1, service.alive().size(), "however often the button is pressed");

        click("[data-view=instances]");
        untilTold("Instances: ");
        untilLeft("(1 h 5[0-9]|2 h 0) min");
        page().picture(PICTURES.resolve("instances.png"));
        click("#instances [aria-label^=Extend]");
        untilTold("has until");
        untilLeft("(7 h 5[0-9]|8 h 0) min");

        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=no]");
        page().until("!document.getElementById('sure').open");
        assertEquals(1, service.alive().size());
        click("#instances [aria-label^=End]");
        click("#sure [value=yes]");
        untilTold("end");
        assertEquals(0, service.alive().size());
        assertEquals(2, service.calls("sts:GetSessionToken"), "the wrong code and the right one");
        assertEquals(List.of(), page().problems());
    }

    @Test
    void whatALaterVisitEndsTakesACodeOfItsOwn() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        SpotUrl.Answer launched = minting.ask(
                Ask.launch("m7g.large").with("mfaCode", device.code()).toString(), minting.mint(ALL));
        assertEquals(200, launched.status(), launched.text());
        openWith(ALL);
        click("[data-view=instances]");
        untilTold("Instances: ");

        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=yes]");
        untilACodeIsAskedFor("instances", "MfaRequired", "mfaCode");
        assertEquals(1, service.alive().size());
        page().type(device.code());
        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=yes]");
        untilTold("end");
        assertEquals(0, service.alive().size());
        assertEquals(List.of(), page().problems());
    }

    @Test
    void aChangedRequestMustBeRehearsedAgain() throws Exception {
        openWith(ALL);
        click("[data-view=launch]");
        set("launch", "types", "m7g.large");
        set("launch", "ami", Ask.ARM_IMAGE);
        set("launch", "mfaCode", MfaDevice.enrol(service, TokenApp.STACK).code());
        submit("launch");
        untilTold("Nothing is launched yet.");

        set("launch", "count", "5");

        assertEquals("true", page().read("document.getElementById('launch-now').hidden"));
        assertEquals(0, service.alive().size());
    }

    @Test
    void aTokenThatIsNoLongerGoodIsToldAndAskedForAgain() throws Exception {
        JsonNode minted = openWith("{\"tasks\":[\"price\"]}");
        assertEquals(
                "true", page().read("document.querySelector('[data-view=launch]').hidden"), "it is not in the scope");
        minting.mint("{\"revoke\":\"" + minted.path("id").asText() + "\"}");
        service.freshFunction();

        set("price", "types", "m7g.large");
        submit("price");
        page().until("!document.getElementById('error').hidden");

        assertTrue(page().read("document.getElementById('error').textContent")
                .startsWith("TokenRejected The token was revoked"));
        assertEquals("token", page().read("document.activeElement.name"));
        page().type(minting.mint("{\"tasks\":[\"price\"]}").path("token").asText());
        page().press(Browser.Key.ENTER);
        page().until("!document.getElementById('price').hidden");
    }

    @Test
    void aTagThatIsMarkupIsShownAsItIs() throws Exception {
        String markup = "<img src=x onerror=alert(1)>";
        openWith(ALL);
        // A refusal repeats what was asked.
        page().run("document.querySelector('#history [name=types]').value = 'm7g.large'; "
                + "const last = document.querySelector('#history [name=last]'); last.options[0].value = '" + markup
                + "'; last.selectedIndex = 0;");
        submit("history");
        page().until("!document.getElementById('error').hidden");

        assertTrue(
                page().read("document.getElementById('error').textContent").contains("InvalidValue"),
                page().read("document.getElementById('error').textContent"));
        assertEquals("0", page().read("document.querySelectorAll('main img').length"));
        assertEquals(List.of(), page().problems());
    }

    @Test
    void aKeyboardIsEnough() throws Exception {
        openWith(ALL);
        // To the first field: past the four tasks.
        for (int i = 0; i < 5; i++) {
            page().press(Browser.Key.TAB);
        }
        assertEquals("types", page().read("document.activeElement.name"));
        page().type("m7g.large");
        page().press(Browser.Key.ENTER);
        untilTold("pools, as of");

        page().run("document.querySelector('#price th button').focus();");
        page().press(Browser.Key.SPACE);
        assertEquals(
                "ascending",
                page().read("document.activeElement.closest('th').ariaSort"),
                "the focus stays on the heading");
    }

    @Test
    void itFitsAPhoneAndTheDark() throws Exception {
        page().look(360, 740, true);
        openWith(ALL);
        set("price", "types", "m7g.large");
        submit("price");
        untilTold("pools, as of");

        assertEquals("360", page().read("document.documentElement.scrollWidth"), "only tables scroll sideways");
        assertEquals("rgb(20, 24, 29)", page().read("getComputedStyle(document.body).backgroundColor"));
        page().picture(PICTURES.resolve("phone.png"));
        assertEquals(List.of(), page().problems());
    }
}
