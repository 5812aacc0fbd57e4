package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.service.Faults.Fault;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the console from prices to the end of an instance. */
final class ConsoleIT extends ConsolePage {
    /** Returns whether each chart contains a line in the color of the style sheet. */
    private static final String DRAWS_LINES = """
            [...document.querySelectorAll('#history .chart')].every(chart => {
              const canvas = chart.querySelector('canvas');
              const line = getComputedStyle(chart).color.match(/\\d+/g).map(Number);
              const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              let pixels = 0;
              for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] === 255 && line.every((part, of) => Math.abs(data[i + of] - part) < 3)) pixels++;
              }
              return pixels > canvas.width / 2;
            })""";

    ConsoleIT(LocalDeployment service) throws Exception {
        super(service);
    }

    @Test
    void sortsPricesAndDrawsHistory() throws Exception {
        JsonNode minted = openWith(ALL_TASKS);
        assertEquals(
                service.output(TokenApp.STACK, "Url"),
                page().read("location.href"),
                "the token must leave the address");
        assertFalse(page().read("document.documentElement.outerHTML")
                .contains(minted.path("token").asText()));

        set("price", "types", "m7g.large c7g.large");
        set("price", "products", "Linux/UNIX");
        submit("price");
        awaitAnswer();
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
        page().screenshot(SCREENSHOTS.resolve("prices.png"));

        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        click("#price tbody button");
        awaitCodePrompt("history", "MfaRequired");
        page().type(device.code());
        page().press(Page.Key.ENTER);
        awaitAnswer();
        page().until("document.querySelectorAll('#history canvas').length > 1");
        assertEquals("m7g.large", page().read("document.querySelector('#history [name=types]').value"));
        assertEquals("true", page().read(DRAWS_LINES));
        page().screenshot(SCREENSHOTS.resolve("history.png"));

        click("[data-view=price]");
        click("#price tbody button");
        awaitAnswer();
        assertEquals(1, service.calls("sts:GetSessionToken"), "the session must be reused");
        page().run("const later = Date.now() + 3600001; Date.now = () => later;");
        submit("price");
        awaitAnswer();
        assertEquals("false", page().read("document.querySelector('#price [name=mfaCode]').checkVisibility()"));
        click("#price tbody button");
        awaitCodePrompt("history", "MfaRequired");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void launchesOnceExtendsAndEndsWithOneCode() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        openWith(ALL_TASKS);
        click("[data-view=launch]");
        set("launch", "types", "m7g.large");
        set("launch", "ami", RequestBody.ARM_IMAGE);
        set("launch", "lease", "2h");
        submit("launch");
        awaitCodePrompt("launch", "MfaRequired");
        page().type(device.wrongCode());
        page().press(Page.Key.ENTER);
        page().until("document.getElementById('error').textContent.startsWith('MfaRejected')");
        awaitCodePrompt("launch", "MfaRejected");
        assertEquals("", page().read("document.activeElement.value"), "the form must clear a used code");
        page().type(device.code());
        page().press(Page.Key.ENTER);
        awaitLaunchButton();
        assertEquals(0, service.alive().size());
        page().screenshot(SCREENSHOTS.resolve("dry-run.png"));

        page().run("const button = document.getElementById('launch-now'); button.click(); button.click();");
        awaitLaunched();
        assertEquals(1, service.alive().size(), "two clicks must launch once");

        click("[data-view=instances]");
        awaitAnswer();
        awaitTimeLeft("(1 h 5[0-9]|2 h 0) min");
        page().screenshot(SCREENSHOTS.resolve("instances.png"));
        page().run("document.querySelector('#instances [aria-label^=Extend]').focus();");
        page().press(Page.Key.ENTER);
        awaitAnswer();
        awaitTimeLeft("(7 h 5[0-9]|8 h 0) min");
        assertTrue(hasFocus("#instances [aria-label^=Extend]"), "the focus must return to the same button");

        tabTo("#instances [aria-label^=End]");
        page().press(Page.Key.ENTER);
        page().until("document.getElementById('sure').open");
        page().press(Page.Key.ENTER);
        page().until("!document.getElementById('sure').open");
        assertEquals(1, service.alive().size(), "cancelling the dialog must keep the instance");
        page().press(Page.Key.ENTER);
        page().until("document.getElementById('sure').open");
        tabTo("#sure [value=yes]");
        page().press(Page.Key.ENTER);
        awaitNoneAlive();
        assertEquals(0, service.alive().size());
        assertTrue(hasFocus("#instances form button"), "the focus must move to the form");
        assertEquals(2, service.calls("sts:GetSessionToken"), "one call for each code");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void laterVisitNeedsNewCodeToEnd() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        launch(device);
        openWith(ALL_TASKS);
        click("[data-view=instances]");
        awaitAnswer();

        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=yes]");
        awaitCodePrompt("instances", "MfaRequired");
        assertEquals(1, service.alive().size());
        page().type(device.code());
        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=yes]");
        awaitNoneAlive();
        assertEquals(0, service.alive().size());
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void keepsResultWhenRefreshFails() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String id = launch(device);
        openWith(ALL_TASKS);
        click("[data-view=instances]");
        awaitAnswer();

        // Fails each list after the lease has changed.
        AtomicBoolean moved = new AtomicBoolean();
        service.cloud().faults().choose((action, region) -> {
            if (action.equals("ec2:CreateTags")) {
                moved.set(true);
            }
            return moved.get() && action.equals("ec2:DescribeInstances")
                    ? new Fault.ErrorResponse(403, "UnauthorizedOperation", "You are not authorized.")
                    : null;
        });
        set("instances", "mfaCode", device.code());
        click("#instances [aria-label^=Extend]");
        awaitStatus(id);

        String error = page().read("document.querySelector('#error:not([hidden])').textContent");
        assertTrue(error.startsWith("NotAuthorized "), error);
        service.cloud().faults().clear();
        submit("instances");
        awaitAnswer();
        awaitTimeLeft("(7 h 5[0-9]|8 h 0) min");
        for (String heading : List.of("US$ an hour", "US$ so far")) {
            String cell = page().read("document.querySelector('#instances tbody tr').cells["
                    + "[...document.querySelectorAll('#instances th')]"
                    + ".findIndex(th => th.textContent === '" + heading + "')].textContent");
            assertTrue(cell.matches("0[.][0-9]+"), heading + ": " + cell);
        }
        assertEquals("true", page().read("document.getElementById('error').hidden"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void changedRequestNeedsNewDryRun() throws Exception {
        openWith(ALL_TASKS);
        click("[data-view=launch]");
        set("launch", "types", "m7g.large");
        set("launch", "ami", RequestBody.ARM_IMAGE);
        set("launch", "price", "0.07");
        set("launch", "mfaCode", MfaDevice.enrol(service, TokenApp.STACK).code());
        submit("launch");
        awaitLaunchButton();
        String status = page().read("document.getElementById('status').textContent");
        assertTrue(status.contains("0.07"), status);

        set("launch", "count", "2");
        assertNoDryRunShown();

        // Changes the form before the answer arrives.
        page().run("document.querySelector('#launch form').requestSubmit();"
                + "const count = document.querySelector('#launch [name=count]'); count.value = '3';"
                + "count.dispatchEvent(new Event('input', {bubbles: true}));");
        awaitAnswer();
        assertNoDryRunShown();
        assertEquals(0, service.alive().size());
    }

    private void assertNoDryRunShown() throws Exception {
        assertEquals("true", page().read("document.getElementById('launch-now').hidden"));
        assertEquals("", page().read("document.querySelector('#launch .answer').textContent"));
    }

    @Test
    void asksForNewTokenWhenRejected() throws Exception {
        JsonNode minted = openWith("{\"tasks\":[\"price\"]}");
        assertEquals(
                "true",
                page().read("document.querySelector('[data-view=launch]').hidden"),
                "the scope excludes launches");
        tokenService.mint("{\"revoke\":\"" + minted.path("id").asText() + "\"}");
        service.endEnvironments();

        set("price", "types", "m7g.large");
        submit("price");
        awaitTokenPrompt();

        page().type(ForgedTokens.expired(minted.path("token").asText(), tokenService.signingSecret()));
        page().press(Page.Key.ENTER);
        submit("price");
        awaitTokenPrompt();

        page().type(tokenService.mint("{\"tasks\":[\"price\"]}").path("token").asText());
        page().press(Page.Key.ENTER);
        submit("price");
        awaitAnswer();
    }

    private void awaitTokenPrompt() throws Exception {
        page().until("!document.getElementById('error').hidden"
                + " && document.getElementById('error').textContent.startsWith('TokenRejected ')");
        assertEquals("token", page().read("document.activeElement.name"));
    }

    @Test
    void hidesAnswerFromNextToken() throws Exception {
        openWith(ALL_TASKS);
        set("price", "types", "m7g.large");
        String next = tokenService.mint("{\"tasks\":[\"price\"]}").path("token").asText();

        // Enters the next token before the answer arrives.
        page().run("document.querySelector('#price form').requestSubmit();"
                + "const bearer = document.getElementById('bearer'); bearer.elements.token.value = '" + next + "';"
                + "bearer.requestSubmit();");

        page().until("!document.querySelector('#price form button').disabled");
        assertEquals(
                "",
                page().read("document.querySelector('#price .answer').textContent"
                        + " + document.getElementById('status').textContent"));
        submit("price");
        awaitAnswer();
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void showsMarkupInTagsAsText() throws Exception {
        String markup = "<img src=x onerror=alert(1)>";
        String id = launch(MfaDevice.enrol(service, TokenApp.STACK));
        service.instanceStore().tag(id, Map.of("spotspec:caller", markup));
        page().emulate(360, 740, true);
        openWith(ALL_TASKS);
        click("[data-view=instances]");
        awaitAnswer();

        assertEquals(markup, page().read("document.querySelector('" + RUNNING_ROW + "').lastElementChild.textContent"));
        assertEquals("0", page().read("document.querySelectorAll('main img').length"));
        assertFitsPhoneInDarkMode();
        page().screenshot(SCREENSHOTS.resolve("instances-phone.png"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void namesInstanceThatIsGone() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String id = launch(device);
        Map<String, String> own = Map.of(
                "spotspec:service",
                String.valueOf(service.instanceStore().tags(id).get("spotspec:service")));
        Map<String, String> anothers = Map.of("spotspec:service", "another");
        openWith(ALL_TASKS);
        click("[data-view=instances]");
        awaitAnswer();

        service.instanceStore().tag(id, anothers);
        set("instances", "mfaCode", device.code());
        click("#instances [aria-label^=Extend]");
        awaitStatus(id);
        awaitNoneAlive();

        service.instanceStore().tag(id, own);
        submit("instances");
        awaitAnswer();
        service.instanceStore().tag(id, anothers);
        click("#instances [aria-label^=End]");
        page().until("document.getElementById('sure').open");
        click("#sure [value=yes]");
        awaitStatus(id);
        awaitNoneAlive();

        service.instanceStore().tag(id, own);
        submit("instances");
        awaitAnswer();
        service.alive().forEach(service.instanceStore()::terminate);
        click("#instances [aria-label^=Extend]");
        awaitStatus(id);
        awaitNoneAlive();
        assertEquals(List.of(), page().pageErrors());
    }
}
