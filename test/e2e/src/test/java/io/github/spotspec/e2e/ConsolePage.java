package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Base class for tests of the console. Each test has its own page, and Chromium must be on the PATH. */
@ExtendWith(SharedDeployment.class)
abstract class ConsolePage {
    static final Path SCREENSHOTS = LocalDeployment.PROJECT.resolve("test/e2e/target/console");
    /** Selects the row of a running instance. EC2 also shows ended instances for a while. */
    static final String RUNNING_ROW = "#instances tr:has([aria-label^=Extend])";

    /** Computes the contrast between a field's border and the page. */
    private static final String CONTRAST = """
            (() => {
              const light = color => {
                const [r, g, b] = color.match(/\\d+/g).map(
                    part => part / 255 <= .04045 ? part / 255 / 12.92 : ((part / 255 + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b + .05;
              };
              const border = light(getComputedStyle(document.querySelector('#price input')).borderTopColor);
              const ground = light(getComputedStyle(document.body).backgroundColor);
              return Math.max(border, ground) / Math.min(border, ground);
            })()""";

    static final String ALL_TASKS = "{\"tasks\":[\"price\",\"history\",\"launch\",\"instances\",\"extend\",\"end\"]}";

    final LocalDeployment service;
    final TokenService tokenService;
    private static @Nullable Browser browser;
    private @Nullable Page page;

    ConsolePage(LocalDeployment service) throws Exception {
        this.service = service;
        this.tokenService = TokenService.in(service);
    }

    @BeforeAll
    static void startBrowser(@TempDir Path profile) throws Exception {
        String program = Browser.program();
        assumeTrue(program != null, "no Chromium on the PATH");
        browser = Browser.start(String.valueOf(program), profile);
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        service.clear();
        page = Objects.requireNonNull(browser).newPage();
        page().emulate(1100, 800, false);
    }

    @AfterEach
    void close() throws Exception {
        if (page != null) {
            page.close();
        }
    }

    Page page() {
        return Objects.requireNonNull(page);
    }

    JsonNode openWith(String mint) throws Exception {
        JsonNode minted = tokenService.mint(mint);
        page().open(minted.path("url").asText() + "#token="
                + minted.path("token").asText());
        return minted;
    }

    void set(String view, String field, String value) throws Exception {
        page().run("const field = document.querySelector('#" + view + " [name=" + field + "]'); field.value = '" + value
                + "'; field.dispatchEvent(new Event('input', {bubbles: true}));");
    }

    void click(String selector) throws Exception {
        page().run("document.querySelector(`" + selector + "`).click();");
    }

    void submit(String view) throws Exception {
        click("#" + view + " form button");
    }

    /** Presses the tab key until an element has the focus. */
    void tabTo(String selector) throws Exception {
        for (int i = 0; i < 40; i++) {
            if (hasFocus(selector)) {
                return;
            }
            page().press(Page.Key.TAB);
        }
        throw new AssertionError("not reachable with the keyboard: " + selector);
    }

    boolean hasFocus(String selector) throws Exception {
        return page().read("document.activeElement.matches(`" + selector + "`)").equals("true");
    }

    /** Waits until the page shows an answer. */
    void awaitAnswer() throws Exception {
        page().until("!document.querySelector('button:disabled') && document.getElementById('error').hidden"
                + " && document.getElementById('status').textContent");
    }

    /** Waits until the status line contains a text. */
    void awaitStatus(String text) throws Exception {
        page().until("document.getElementById('status').textContent.includes('" + text + "')");
    }

    /** Waits until the page offers to launch what it has shown. */
    void awaitLaunchButton() throws Exception {
        page().until("!document.getElementById('launch-now').hidden");
    }

    /** Waits until the page shows one launched instance. */
    void awaitLaunched() throws Exception {
        page().until("document.getElementById('launch-now').hidden"
                + " && document.querySelectorAll('#launch .answer tbody tr').length === 1");
    }

    /** Waits until the table has no running instance. */
    void awaitNoneAlive() throws Exception {
        page().until("!document.querySelector('" + RUNNING_ROW + "')");
    }

    /** Waits for an error, and checks that the form asks for a code. */
    void awaitCodePrompt(String view, String errorCode) throws Exception {
        page().until("!document.getElementById('error').hidden");
        String error = page().read("document.getElementById('error').textContent");
        assertTrue(error.startsWith(errorCode + " "), error);
        assertEquals(
                "true",
                page().read("document.activeElement === document.querySelector('#" + view + " [name=mfaCode]')"));
    }

    /** Waits until the running instance shows a time left that matches a pattern. */
    void awaitTimeLeft(String time) throws Exception {
        page().until("/^" + time + "$/.test(document.querySelector('" + RUNNING_ROW + " [data-lease]').textContent)");
    }

    /** Launches an instance with an MFA code, and returns its id. */
    String launch(MfaDevice device) throws Exception {
        SpotUrl.Answer launched = tokenService.ask(
                RequestBody.launch("m7g.large").with("mfaCode", device.code()).toString(),
                tokenService.mint(ALL_TASKS));
        assertEquals(200, launched.status(), launched.text());
        return launched.json().path("data").path(0).path("InstanceId").asText();
    }

    void assertFitsPhoneInDarkMode() throws Exception {
        assertEquals("360", page().read("document.documentElement.scrollWidth"), "only tables may scroll sideways");
        assertEquals("rgb(20, 24, 29)", page().read("getComputedStyle(document.body).backgroundColor"));
        assertEquals(
                "true",
                page().read("[...document.querySelectorAll('input:not([type=checkbox]), select')]"
                        + ".every(field => getComputedStyle(field).fontSize === '16px')"),
                "Safari on iOS zooms in on smaller text");
        assertBorderContrast();
    }

    /** Asserts a contrast of at least 3 to 1, as WCAG 2.2, 1.4.11 requires. */
    void assertBorderContrast() throws Exception {
        double contrast = Double.parseDouble(page().read(CONTRAST));
        assertTrue(contrast >= 3, "contrast " + contrast);
    }
}
