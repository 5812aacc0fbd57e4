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
    /** Selects the row of an instance that is alive. EC2 also shows ended instances for a while. */
    static final String ALIVE_ROW = "tr.alive";

    /** Finds a button, link or choice that is visible by its name. In front of the page, only a dialog can be used. */
    private static final String FIND = """
            (name => [...(document.querySelector('dialog[open]') ?? document).querySelectorAll('button, a, label, summary')]
                .find(one => one.checkVisibility() && (one.ariaLabel ?? one.textContent).trim() === name))(`%s`)""";

    static final String ALL_TASKS =
            "{\"tasks\":[\"price\",\"history\",\"launch\",\"instances\",\"cost\",\"console\",\"extend\",\"end\"]}";

    final LocalDeployment service;
    final TokenService tokenService;
    private static @Nullable Browser browser;
    private @Nullable Page page;
    private int clicks;

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
        page().emulate(1280, 800, false);
    }

    @AfterEach
    void close() throws Exception {
        if (page != null) {
            page.close();
        }
    }

    /** Asserts how often the mouse was clicked at most since the last time. */
    void assertClicks(int most) {
        assertTrue(clicks <= most, clicks + " clicks");
        clicks = 0;
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

    /** Goes to a view by its link. */
    void view(String name) throws Exception {
        press(name);
        page().until("document.querySelector('h1')?.textContent === '" + name + "'");
    }

    /** Clicks with the mouse on the button, link or choice of a name, when it is there. */
    void press(String name) throws Exception {
        await(name);
        page().click(FIND.formatted(name));
        clicks++;
    }

    /** Waits for the button, link or choice of a name. */
    void await(String name) throws Exception {
        page().until(FIND.formatted(name));
    }

    /** Returns whether there is a button, link or choice of a name. */
    boolean isThere(String name) throws Exception {
        return page().read("!!" + FIND.formatted(name)).equals("true");
    }

    /** Clicks into a field and replaces its text. */
    void fill(String field, String value) throws Exception {
        page().click("document.querySelector('[name=" + field + "]')");
        clicks++;
        page().run("document.activeElement.select();");
        page().type(value);
    }

    /** Chooses an option of a list, which takes a click to open the list, and a click on the option. */
    void choose(String field, String value) throws Exception {
        page().run("const field = document.querySelector('[name=" + field + "]'); field.value = '" + value
                + "'; field.dispatchEvent(new Event('change', {bubbles: true}));");
        clicks += 2;
    }

    /** Returns the text of an element. */
    String text(String selector) throws Exception {
        return page().read("document.querySelector(`" + selector + "`)?.textContent ?? ''");
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

    /** Waits until an element contains a text. */
    void awaitText(String selector, String text) throws Exception {
        page().until("[...document.querySelectorAll(`" + selector + "`)].some(one => one.textContent.includes(`" + text
                + "`))");
    }

    /** Waits for the prices that the filters ask for. */
    void awaitPrices(String type) throws Exception {
        page().until("!document.querySelector('.stale[aria-busy]') && document.querySelectorAll('td.c-name').length"
                + " && [...document.querySelectorAll('td.c-name')].every(cell => cell.textContent === '" + type + "')");
    }

    /** Waits for the prompt for a code, and checks that it has the focus. */
    void awaitCodePrompt() throws Exception {
        page().until("document.activeElement?.name === 'mfaCode'");
    }

    /** Enters a code into the prompt. */
    void enterCode(String code) throws Exception {
        awaitCodePrompt();
        page().type(code);
        page().press(Page.Key.ENTER);
    }

    /** Waits until no dialog is open. */
    void awaitNoDialog() throws Exception {
        page().until("!document.querySelector('dialog')");
    }

    /**
     * Changes the answers that the page gets.
     *
     * @param answer the body of an asynchronous function of {@code body}, the request, and {@code send}, which returns
     *     the service's answer. {@code json(value, status)} makes an answer, and {@code late(value, status)} one that
     *     waits until the test calls {@code window.release()}, and sets {@code window.isRead} after the page has read
     *     it
     */
    void answerWith(String answer) throws Exception {
        page().run("""
                const real = window.fetch;
                const json = (value, status = 200) => new Response(JSON.stringify(value), {status});
                const late = async (value, status) => {
                  await new Promise(done => { window.release = done; });
                  const answer = json(value, status);
                  answer.json = async () => {
                    setTimeout(() => { window.isRead = true; });
                    return value;
                  };
                  return answer;
                };
                const answer = async (body, send, json, late) => { %s };
                window.fetch = (url, options) => answer(JSON.parse(options.body), () => real(url, options), json, late);
                """.formatted(answer));
    }

    /** Closes all messages, because they cover what is below them. */
    void dismissToasts() throws Exception {
        page().run("document.querySelectorAll('.toast button').forEach(one => one.click());");
    }

    /** Waits until the list has no instance that is alive. */
    void awaitNoneAlive() throws Exception {
        page().until("!document.querySelector('dialog') && !document.querySelector('" + ALIVE_ROW + "')");
    }

    /** Waits until the living instance shows a time left that matches a pattern. */
    void awaitTimeLeft(String time) throws Exception {
        page().until("/^" + time + "$/.test(document.querySelector('" + ALIVE_ROW + " [data-lease]')?.textContent)");
    }

    /** Launches instances with an MFA code, and returns the id of the first. */
    String launch(MfaDevice device, int count) throws Exception {
        SpotUrl.Answer launched = tokenService.ask(
                RequestBody.launch("m7g.large")
                        .with("count", count)
                        .with("mfaCode", device.code())
                        .toString(),
                tokenService.mint(ALL_TASKS));
        assertEquals(200, launched.status(), launched.text());
        return launched.json().path("data").path(0).path("InstanceId").asText();
    }

    /** Asserts that nothing is wider than the screen, and that Safari on iOS does not zoom in on fields. */
    void assertFitsPhone(int width) throws Exception {
        assertEquals(String.valueOf(width), page().read("document.documentElement.scrollWidth"));
        assertEquals(
                "true",
                page().read("[...document.querySelectorAll('input:not([type=radio]), select, textarea')]"
                        + ".every(field => parseFloat(getComputedStyle(field).fontSize) >= 16)"));
    }
}
