package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.service.Faults.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the console from prices to the end of an instance. */
final class ConsoleIT extends ConsolePage {
    /** Returns whether the chart contains a line in the color of each of the first three zones. */
    private static final String DRAWS_LINES = """
            [1, 2, 3].every(line => {
              const canvas = document.querySelector('.chart canvas');
              const color = getComputedStyle(document.querySelector('.stroke-' + line)).stroke.match(/\\d+/g).map(Number);
              const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              let pixels = 0;
              for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] === 255 && color.every((part, of) => Math.abs(data[i + of] - part) < 3)) pixels++;
              }
              return pixels > canvas.width / 4;
            })""";

    ConsoleIT(LocalDeployment service) throws Exception {
        super(service);
    }

    @Test
    void fiveTasksTakeAtMostFourClicksEach() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        JsonNode minted = openWith(ALL_TASKS);
        JsonNode cheapest = tokenService
                .ask("{\"task\":\"price\",\"vcpu\":16,\"regions\":\"all\",\"sort\":\"price\",\"limit\":1}", minted)
                .json()
                .path("data")
                .path(0);
        String type = cheapest.path("InstanceType").asText();
        String zone = cheapest.path("AvailabilityZone").asText();

        // The cheapest 16 vCPUs in any region
        view("Prices");
        choose("vcpu", "16");
        awaitText(".page-head .note", "Cheapest: " + type + " in " + zone);
        assertClicks(4);

        // Launch it for three hours with a script
        press("Launch " + type + " in " + zone);
        enterCode(device.code());
        awaitNoDialog();
        press("3 h");
        fill("userData", "#!/bin/sh\necho hello");
        press("Launch 1 instance");
        awaitText(".toast", "1 instance launched");
        assertClicks(4);
        Instance instance = service.alive().getFirst();
        assertEquals(type, instance.launchSpecification().type());
        assertEquals(
                Base64.getEncoder().encodeToString("#!/bin/sh\necho hello".getBytes(StandardCharsets.UTF_8)),
                instance.launchSpecification().options().userData());

        // See whether it ran
        instance.console().write("hello\u001b[31m, red\n");
        press("See instances");
        awaitTimeLeft("(2 h 5[0-9]|3 h [01]) min");
        press("Output of " + instance.id());
        awaitText("pre.output", "hello, red");
        assertClicks(4);

        // What it costs
        press("Close");
        press("Overview");
        awaitText(".figure dt", "Cost so far");
        page().until("/^Cost so far[$]0[.][0-9]+/.test([...document.querySelectorAll('.figure')]"
                + ".map(one => one.textContent.replaceAll('\\n', '')).find(text => text.startsWith('Cost so far')))");
        assertClicks(4);

        // End all
        press("End all");
        awaitText("dialog li", instance.id());
        press("End it");
        awaitNoneAlive();
        assertClicks(4);
        assertEquals(0, service.alive().size());
        awaitText(".toast", "Cost: $");
        assertEquals(List.of(), page().pageErrors());
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

        view("Prices");
        awaitText("tbody", "%");
        String cells = "[...document.querySelectorAll('tbody .c-%s')].map(cell => cell.textContent)";
        assertEquals(
                "true",
                page().read(cells.formatted("price")
                        + ".every((price, i, all) => !i || all[i - 1].slice(1) <= price.slice(1))"));
        fill("types", "m7g.large c7g.large");
        page().press(Page.Key.ENTER);
        awaitText("tbody", "m7g.large");
        press("Type");
        assertEquals("ascending", page().read("document.querySelector('th').ariaSort"));
        assertEquals("c7g.large", page().read(cells.formatted("name") + "[0]"));
        press("Type");
        assertEquals("m7g.large", page().read(cells.formatted("name") + "[0]"));
        fill("filter", "us-west-2a");
        page().until("document.querySelectorAll('tbody tr').length === 2");
        assertEquals("0", page().read("document.querySelectorAll('svg.spark').length"), "history needs a code here");

        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        press("History of m7g.large in us-west-2a");
        enterCode(device.code());
        page().until("document.querySelectorAll('.chart canvas').length === 1");
        assertEquals("m7g.large", page().read("document.querySelector('[name=types]').value"));
        assertEquals("true", page().read(DRAWS_LINES));

        // The session of the code also serves the sparklines, which are one request for all rows.
        long calls = service.calls("sts:GetSessionToken");
        view("Prices");
        choose("architecture", "arm64");
        page().until("document.querySelectorAll('svg.spark').length > 1");
        assertEquals(calls, service.calls("sts:GetSessionToken"), "the session must be reused");

        page().run("const later = Date.now() + 3600001; Date.now = () => later;");
        view("History");
        awaitCodePrompt();
        press("Cancel");
        awaitNoDialog();
        await("Enter a code");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void launchesOnceExtendsAndEndsWithOneCode() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        openWith(ALL_TASKS);
        view("Launch");
        fill("types", "m7g.large");
        press("Other");
        fill("otherLease", "2h");
        awaitText(".check", "Until the lease ends");
        press("Enter code and check");
        enterCode(device.wrongCode());
        awaitText("dialog [role=alert]", "not accepted");
        assertEquals("", page().read("document.activeElement.value"), "the prompt must clear a used code");
        enterCode(device.code());
        await("Launch 1 instance");
        assertEquals(0, service.alive().size());

        page().run("const button = document.querySelector('.launch-now'); button.click(); button.click();");
        awaitText(".check", "Launched");
        assertEquals(1, service.alive().size(), "two clicks must launch once");
        String id = service.alive().getFirst().id();

        view("Instances");
        awaitTimeLeft("(1 h 5[0-9]|2 h 0) min");
        tabTo("[aria-label^=Extend]");
        page().press(Page.Key.ENTER);
        page().until("document.activeElement?.textContent.startsWith('+1 h')");
        page().press(Page.Key.ENTER);
        awaitNoDialog();
        awaitTimeLeft("(2 h 5[0-9]|3 h [01]) min");
        assertTrue(hasFocus("[aria-label^=Extend]"), "the focus must return to the same button");

        // A shorter lease must be confirmed.
        page().press(Page.Key.ENTER);
        page().until("document.querySelector('dialog [name=lease]')");
        fill("lease", "90m");
        page().press(Page.Key.ENTER);
        press("Shorten it");
        awaitNoDialog();
        awaitTimeLeft("1 h (29|3[01]) min");

        tabTo("[aria-label^=End]");
        page().press(Page.Key.ENTER);
        awaitText("dialog li", id);
        page().until("document.activeElement?.textContent === 'Keep it'");
        page().press(Page.Key.ENTER);
        awaitNoDialog();
        assertEquals(1, service.alive().size(), "the first button must keep the instance");
        press("End " + id);
        press("End it");
        awaitNoneAlive();
        assertEquals(0, service.alive().size());
        assertFalse(hasFocus("body"), "the focus must stay in the page");
        assertEquals(2, service.calls("sts:GetSessionToken"), "one call for each code");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void endsAllThatItNamesAndNothingElse() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        launch(device, 2);
        openWith(ALL_TASKS);
        await("End all");
        press("End all");
        for (Instance instance : service.alive()) {
            awaitText("dialog li", instance.id());
        }
        // A later visit needs a new code. Canceling the prompt ends nothing.
        press("End all 2");
        awaitCodePrompt();
        press("Cancel");
        awaitText("dialog h2", "End 2 instances?");
        assertEquals(2, service.alive().size());
        press("End all 2");
        enterCode(device.code());
        awaitNoneAlive();
        assertEquals(0, service.alive().size());
        view("Activity");
        awaitText(".events", "2 instances ended");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void keepsResultWhenRefreshFails() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String id = launch(device, 1);
        openWith(ALL_TASKS);
        view("Instances");

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
        press("Extend " + id);
        press(page().read("document.querySelector('.presets button:nth-child(2)').textContent"));
        enterCode(device.code());
        awaitText(".toast", id + " has until");
        awaitText(".page [role=alert] code", "NotAuthorized");

        service.cloud().faults().clear();
        press("Try again");
        awaitTimeLeft("(15 h 5[0-9]|16 h [01]) min");
        assertEquals("", text(".page [role=alert]"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void changedRequestNeedsNewDryRun() throws Exception {
        openWith(ALL_TASKS);
        view("Launch");
        fill("types", "m7g.large");
        press("More: tags, price limit, disk, key");
        fill("price", "0.07");
        press("Enter code and check");
        enterCode(MfaDevice.enrol(service, TokenApp.STACK).code());
        await("Launch 1 instance");
        assertTrue(text(".check").contains("$0.0700"), text(".check"));

        fill("count", "2");
        page().until("!document.querySelector('.launch-now')");
        // With the session of the code, the page repeats the dry run.
        await("Launch 2 instances");

        // Changes the form before the answer arrives.
        page().run("const count = document.querySelector('[name=count]');"
                + "for (const value of ['3', '4']) { count.value = value;"
                + "count.dispatchEvent(new Event('input', {bubbles: true})); }");
        await("Launch 4 instances");
        assertEquals(0, service.alive().size());
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void asksForNewTokenWhenRejected() throws Exception {
        JsonNode minted = openWith("{\"tasks\":[\"price\"]}");
        awaitText("h1", "Prices");
        awaitText("tbody", "us-");
        assertFalse(isThere("Launch"), "the scope excludes launches");
        tokenService.mint("{\"revoke\":\"" + minted.path("id").asText() + "\"}");
        service.endEnvironments();

        choose("vcpu", "4");
        awaitTokenPrompt();
        page().type(ForgedTokens.expired(minted.path("token").asText(), tokenService.signingSecret()));
        page().press(Page.Key.ENTER);
        awaitTokenPrompt();

        page().type(tokenService.mint("{\"tasks\":[\"price\"]}").path("token").asText());
        page().press(Page.Key.ENTER);
        awaitText("tbody", "us-");
    }

    private void awaitTokenPrompt() throws Exception {
        page().until("document.querySelector('.sign-in [role=alert] code')?.textContent === 'TokenRejected'"
                + " && document.activeElement.name === 'token' && !document.activeElement.value");
    }

    @Test
    void hidesAnswersFromNextToken() throws Exception {
        openWith(ALL_TASKS);
        view("Launch");
        fill("userData", "#!/bin/sh\necho my secret");
        view("Prices");
        String next = tokenService
                .mint("{\"tasks\":[\"price\",\"launch\"]}")
                .path("token")
                .asText();

        // Brings the next token before the answer arrives.
        page().run("const field = document.querySelector('[name=types]'); field.value = 'x2gd.metal';"
                + "field.dispatchEvent(new Event('change', {bubbles: true})); location.hash = 'token=" + next + "';");

        page().until("!document.querySelector('[data-view=instances]') && document.querySelector('tbody tr')");
        assertFalse(page().read("document.body.innerHTML").contains("x2gd.metal"));
        assertFalse(page().read("location.href").contains(next));
        view("Launch");
        assertEquals("", page().read("document.querySelector('[name=userData]').value"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void showsMarkupInTagsAsText() throws Exception {
        String markup = "<img src=x onerror=alert(1)>";
        String id = launch(MfaDevice.enrol(service, TokenApp.STACK), 1);
        service.instanceStore().tag(id, Map.of("spotspec:caller", markup, "Name", markup));
        openWith(ALL_TASKS);
        view("Instances");
        press(markup);
        awaitText("dialog dd", "by " + markup);
        awaitText("dialog h2", markup);
        assertEquals("0", page().read("document.querySelectorAll('img').length"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void keepsLaunchUntilItsResultIsKnown() throws Exception {
        openWith(ALL_TASKS);
        view("Launch");
        fill("types", "m7g.large");
        press("Enter code and check");
        enterCode(MfaDevice.enrol(service, TokenApp.STACK).code());
        await("Launch 1 instance");

        // The service launches, and its answer is lost.
        page().run("window.keys = [];");
        answerWith("""
                if (body.task !== 'launch' || body.dryRun) return send();
                window.keys.push(body.idempotencyKey);
                const answer = await send();
                if (window.keys.length === 1) throw new TypeError('Failed to fetch');
                return window.keys.length === 2 ? json({Message: null}, 502) : answer;""");
        press("Launch 1 instance");
        awaitText(".toast", "It is not known whether this was launched");
        assertEquals(1, service.alive().size());
        view("Instances");
        await("End " + service.alive().getFirst().id());
        view("Launch");
        dismissToasts();
        press("Ask again");
        awaitText(".check code", "Http502");
        assertFalse(isThere("Launch 1 instance"), "a new launch would have another key");
        dismissToasts();
        press("Ask again");
        awaitText(".toast", "1 instance launched");
        assertEquals(1, service.alive().size());
        assertEquals("3 1", page().read("`${window.keys.length} ${new Set(window.keys).size}`"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void namesInstancesThatMayStillRun() throws Exception {
        launch(MfaDevice.enrol(service, TokenApp.STACK), 2);
        openWith(ALL_TASKS);
        // One of the two is in a region that does not answer when they are ended.
        answerWith("""
                if (body.task === 'end') {
                  const [one, other] = body.instanceIds;
                  return json({data: [{InstanceId: one, Ended: true}], meta: {left: 0, missing: [other],
                      cost: {cost: '0.010'}, failed: [{region: 'eu-west-1', error: 'TimedOut', details: ''}]}});
                }
                const answer = await send();
                if (body.task !== 'instances') return answer;
                const {data, meta} = await answer.json();
                data.forEach((row, i) => Object.assign(row, {Name: ['alpha', 'beta'][i]}, i && {Region: 'eu-west-1'}));
                return json({data, meta});""");
        view("Instances");
        page().until("document.querySelector('tr.alive') && !document.querySelector('.page-head [aria-busy]')");
        press("Refresh");
        await("End beta");
        press("End all");
        press("End all 2");
        awaitText(".toast.failed", "Not everything ended");
        String toast = text(".toast.failed");
        assertTrue(toast.contains("eu-west-1 did not answer (TimedOut)"), toast);
        assertTrue(toast.contains("may still run"), toast);
        assertEquals("1 instance ended", page().read("/[0-9]+ instances? ended/.exec(`" + toast + "`)[0]"));
        assertFalse(toast.contains("gone"), toast);
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void dialogStaysUntilItsAnswerArrives() throws Exception {
        String id = launch(MfaDevice.enrol(service, TokenApp.STACK), 1);
        openWith(ALL_TASKS);
        view("Instances");
        answerWith("""
                return body.task === 'end' ? late({error: 'Internal', details: 'It broke.'}, 500) : send();""");
        press("End " + id);
        press("End it");
        page().until("window.release");
        page().press(Page.Key.ESCAPE);
        page().press(Page.Key.ESCAPE);
        assertEquals("1", page().read("document.querySelectorAll('dialog[open]').length"));
        assertEquals(
                "true",
                page().read("[...document.querySelectorAll('dialog[open] button')]"
                        + ".filter(one => !one.classList.contains('danger')).every(one => one.disabled)"));
        page().run("window.release();");
        awaitText("dialog[open] [role=alert]", "It broke.");
        press("Keep it");
        awaitNoDialog();
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void slowAnswerLeavesCodePromptOpen() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String id = launch(device, 1);
        openWith(ALL_TASKS);
        view("Instances");
        // A refresh needs a code while the dialog is open. Its prompt is in front of the dialog.
        answerWith("""
                if (body.task === 'end') {
                  return late({data: [{InstanceId: body.instanceIds[0], Ended: true}], meta: {left: 0}});
                }
                if (body.task === 'instances' && window.needsCode && !body.mfaCode) {
                  return json({error: 'MfaRequired', details: 'A code is needed.'}, 401);
                }
                return send();""");
        press("End " + id);
        press("End it");
        page().until("window.release");
        page().run("window.needsCode = true; [...document.querySelectorAll('button')]"
                + ".find(one => one.textContent === 'Refresh').click();");
        awaitCodePrompt();
        page().run("window.needsCode = false; window.release();");
        awaitText(".toast", id + " ended");
        assertTrue(hasFocus("[name=mfaCode]"), "the prompt must stay");
        enterCode(device.code());
        awaitNoDialog();
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void saysWhichCostIsUnknown() throws Exception {
        launch(MfaDevice.enrol(service, TokenApp.STACK), 2);
        openWith(ALL_TASKS);
        for (int unknown : new int[] {1, 2}) {
            answerWith("""
                    const answer = await send();
                    if (body.task !== 'instances') return answer;
                    const {data, meta} = await answer.json();
                    meta.cost = {instances: 2, hourlyCost: '0', cost: '0', leaseCost: '0', unknown: %d};
                    return json({data, meta});""".formatted(unknown));
            page().until("document.querySelector('.figure') && !document.querySelector('.page-head [aria-busy]')");
            press("Refresh");
            awaitText(".figure", "cost unknown for " + unknown);
            String costs = page().read(
                            "[...document.querySelectorAll('.figure')].slice(1, 3).map(one => one.textContent).join()");
            assertEquals(unknown == 1, costs.contains("$0.00"), costs);
            assertEquals(2, costs.split("cost unknown for " + unknown, -1).length - 1, costs);
        }
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void historyNamesWhatItShows() throws Exception {
        openWith(ALL_TASKS);
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        view("History");
        fill("types", "m7g.large");
        press("Show");
        enterCode(device.code());
        awaitText(".page-head .note", "m7g.large:");
        answerWith("return body.task === 'history' ? late(await (await send()).json()) : send();");
        fill("types", "c7g.large");
        press("Show");
        page().until("window.release && document.querySelector('.stale[aria-busy]')");
        assertTrue(text(".page-head .note").contains("m7g.large:"), text(".page-head .note"));
        page().run("window.release();");
        awaitText(".page-head .note", "c7g.large:");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void estimateIsOfFormAndSystem() throws Exception {
        openWith(ALL_TASKS);
        MfaDevice.enrol(service, TokenApp.STACK);
        view("Launch");
        // The first estimate arrives after the second.
        page().run("window.asked = [];");
        answerWith("""
                if (body.task !== 'price' || body.limit !== 1) return send();
                window.asked.push(body.products);
                const isSecond = window.asked.length === 2;
                return (isSecond ? late : json)({data: [{SpotPrice: isSecond ? '9.9' : '0.01'}],
                    meta: {failed: [{region: 'eu-west-1', error: 'TimedOut'}]}});""");
        fill("types", "m7g.large");
        press("Enter code and check");
        awaitCodePrompt();
        press("Cancel");
        page().until("window.release");
        choose("image", "windows-2025");
        fill("types", "c7i.large");
        awaitText(".check", "From current prices of Windows, not checked");
        awaitText(".check", "eu-west-1 did not answer");
        page().run("window.release();");
        page().until("window.isRead");
        assertFalse(text(".check").contains("$9.9"), text(".check"));
        assertEquals(
                List.of("Linux/UNIX", "Windows").toString(),
                "[" + page().read("[window.asked[0], window.asked.at(-1)].join(', ')") + "]");
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void showsLatestListByClockOfService() throws Exception {
        launch(MfaDevice.enrol(service, TokenApp.STACK), 1);
        openWith(ALL_TASKS);
        view("Instances");
        awaitTimeLeft("(7 h 5[0-9]|8 h [01]) min");
        page().run("const real = Date.now; Date.now = () => real() + 2 * 3600000;");
        awaitTimeLeft("(5 h 5[0-9]|6 h [01]) min");
        press("Refresh");
        awaitTimeLeft("(7 h 5[0-9]|8 h [01]) min");

        // An older list arrives after a newer one.
        answerWith("""
                if (body.task !== 'instances') return send();
                const {data, meta} = await (await send()).json();
                const isSecond = Boolean(window.release);
                data[0].Name = isSecond ? 'ne\\u202ew' : 'old';
                return (isSecond ? json : late)({data, meta});""");
        press("Refresh");
        page().until("window.release");
        page().run("document.querySelector('.page-head [aria-busy]').click();");
        await("End new");
        page().run("window.release();");
        page().until("window.isRead");
        assertTrue(isThere("End new"));
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    @Tag("long")
    void namesInstanceThatIsGone() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        String id = launch(device, 1);
        Map<String, String> own = Map.of(
                "spotspec:service",
                String.valueOf(service.instanceStore().tags(id).get("spotspec:service")));
        Map<String, String> anothers = Map.of("spotspec:service", "another");
        openWith(ALL_TASKS);
        view("Instances");
        await("Extend " + id);

        service.instanceStore().tag(id, anothers);
        press("Extend " + id);
        press(page().read("document.querySelector('.presets button').textContent"));
        enterCode(device.code());
        awaitText(".toast", id + " was not extended");
        awaitNoneAlive();

        service.instanceStore().tag(id, own);
        press("Refresh");
        await("End " + id);
        service.instanceStore().tag(id, anothers);
        press("End " + id);
        press("End it");
        awaitText(".toast", id + " was already gone");
        awaitNoneAlive();
        assertEquals(List.of(), page().pageErrors());
    }
}
