package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the console with the keyboard only, on a small screen, and in dark mode. */
final class ConsoleAccessIT extends ConsolePage {
    ConsoleAccessIT(LocalDeployment service) throws Exception {
        super(service);
    }

    @Test
    void worksWithKeyboardOnly() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, TokenApp.STACK);
        openWith(ALL_TASKS);
        tabTo("#price [name=types]");
        page().type("m7g.large");
        page().press(Page.Key.ENTER);
        awaitAnswer();
        tabTo("#price th button");
        page().press(Page.Key.ENTER);
        assertTrue(hasFocus("#price [aria-sort=ascending] button"), "the focus must stay on the heading");
        page().press(Page.Key.SPACE);
        assertTrue(hasFocus("#price [aria-sort=descending] button"), "the focus must stay on the heading");
        tabTo("#price td button");
        page().press(Page.Key.ENTER);
        awaitCodePrompt("history", "MfaRequired");
        page().type(device.code());
        page().press(Page.Key.ENTER);
        awaitAnswer();
        click("[data-view=price]");
        tabTo("#price td button");
        page().press(Page.Key.ENTER);
        awaitAnswer();
        assertTrue(hasFocus("#history form button"), "the focus must move to the history");

        openWith(ALL_TASKS);
        tabTo("[data-view=launch]");
        page().press(Page.Key.ENTER);
        tabTo("#launch [name=types]");
        page().type("m7g.large");
        tabTo("#launch [name=ami]");
        page().type(RequestBody.ARM_IMAGE);
        tabTo("#launch [name=mfaCode]");
        page().type(device.code());
        page().press(Page.Key.ENTER);
        awaitLaunchButton();
        tabTo("#launch-now");
        page().press(Page.Key.ENTER);
        awaitLaunched();
        assertTrue(hasFocus("#launch form button"), "the launch button is hidden now");
        assertEquals(1, service.alive().size());
        assertEquals(List.of(), page().pageErrors());
    }

    @Test
    void fitsPhoneInDarkMode() throws Exception {
        page().emulate(360, 740, true);
        openWith(ALL_TASKS);
        set("price", "types", "m7g.large");
        submit("price");
        awaitAnswer();

        assertFitsPhoneInDarkMode();
        page().screenshot(SCREENSHOTS.resolve("phone.png"));
        page().emulate(360, 740, false);
        assertBorderContrast();
        assertEquals(List.of(), page().pageErrors());
    }
}
