import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, lowContrast, nameless, type Page, type ServedPage, servePage } from "./support.ts";

if (chromiumPath === undefined && process.env["CI"] === "true")
  throw new Error("The tests of the page need Chromium: install it or set CHROMIUM_PATH.");

const secret = "hunter2-in-the-page";

describe.skipIf(chromiumPath === undefined)(
  "plugins on the page (skipped where there is no Chromium)",
  () => {
    let page: ServedPage;
    beforeAll(async () => {
      page = await servePage();
      const web = {
        id: "vm-1",
        name: "web",
        apps: [{ name: "nginx", version: "1.0", appUrl: "javascript:1" }],
      };
      writeFileSync(join(page.dir, "carried.assets"), JSON.stringify([web, { id: "vm-2", name: "db" }]));
    });
    afterAll(() => page?.close());

    const settingsOf = async (id: string) => {
      const { settings } = await page.get<{ settings: { key: string; value: unknown }[] }>(`/plugins/${id}`);
      return Object.fromEntries(settings.map(({ key, value }) => [key, value]));
    };
    const field = (at: Page, key: string) => at.locator(`.field[data-key="${key}"]`);
    const asked = (at: Page, label: string) => at.getByLabel(label, { exact: true });
    const save = async (at: Page) => {
      await at.getByRole("button", { name: "Save", exact: true }).click();
      await at.getByRole("status").getByText("Saved.").waitFor();
    };

    it("are listed, those with trouble first; what does not load has its place and reason", () =>
      page.visit("/", async (at) => {
        await at.getByText(/^Vedette 0\./).waitFor();
        await at.keyboard.press("6");
        await at.getByText("This plugin does not load.").waitFor();
        await at.locator(".list-row", { hasText: "out of order" }).waitFor();
        expect(await at.locator(".list-row").first().textContent()).toContain("error");
        await at.getByRole("button", { name: "switched off", exact: true }).click();
        await at.locator(".list-row", { hasText: "All kinds" }).waitFor();
        await at.locator(".list-row", { hasText: "My Firewall" }).waitFor();
        await expect.poll(() => at.locator(".list-row", { hasText: "Carrier" }).count()).toBe(0);
        await at.getByRole("button", { name: "Look again" }).click();
        await at
          .getByRole("status")
          .getByText(/\d+ plugins, 1 broken/)
          .waitFor();
        const coming = at.waitForEvent("download");
        await at.getByRole("button", { name: "Debug bundle" }).click();
        const file = await (await coming).path();
        expect(readFileSync(file).subarray(0, 2).toString()).toBe("PK");
      }));

    it("show their settings by what else is set, and say what is wrong as it is typed", () =>
      page.visit("/plugins?id=all_kinds", async (at) => {
        await field(at, "enabled").waitFor();
        expect(await at.locator(".field").count()).toBe(1);
        await asked(at, "Switched on").check();
        await asked(at, "Port").fill("70000");
        await field(at, "port").getByText("This must be at most 65,535.").waitFor();
        expect(await asked(at, "Port").getAttribute("aria-invalid")).toBe("true");
        await asked(at, "Way").selectOption("webhook");
        await field(at, "port").waitFor({ state: "detached" });
        await asked(at, "Address").fill("nowhere");
        const problem = field(at, "hook").locator(".field-problem");
        await problem.getByText("https://host:8006").waitFor();
        const described = await asked(at, "Address").getAttribute("aria-describedby");
        expect(described?.split(" ")).toContain(await problem.getAttribute("id"));
        await asked(at, "Way").selectOption("smtp");
        expect(await asked(at, "Port").inputValue()).toBe("70000");
        await at.getByRole("button", { name: "Undo all" }).click();
        expect(await at.locator(".field").count()).toBe(1);
      }));

    it("are stored all at once, go back to the default, and never show a secret again", () =>
      page.visit("/plugins?id=all_kinds", async (at) => {
        await asked(at, "Switched on").check();
        await asked(at, "Sender").fill("night watch");
        await asked(at, "Way").selectOption("webhook");
        await asked(at, "Address").fill("https://hooks.example.com/x");
        await asked(at, "Token").fill(secret);
        await asked(at, "Certificate").fill("/etc/ssl/one.pem");
        await save(at);
        expect(await settingsOf("all_kinds")).toMatchObject({
          ...{ enabled: true, sender: "night watch", way: "webhook", token: { set: true } },
          ...{ hook: "https://hooks.example.com/x", certificate: "/etc/ssl/one.pem", port: 587 },
        });
        await at.reload();
        expect(await asked(at, "Token").inputValue()).toBe("");
        expect(await asked(at, "Token").getAttribute("placeholder")).toContain("Set.");
        await at.getByRole("button", { name: "Use default: Sender" }).click();
        await at.getByRole("button", { name: "Clear: Token" }).click();
        await field(at, "token").getByText("Will be cleared").waitFor();
        await save(at);
        expect(await settingsOf("all_kinds")).toMatchObject({ sender: "vedette", token: { set: false } });
        await at.locator("tbody[data-role=notify]").waitFor();
      }));

    it("name a connection, of those of its kind", async () => {
      const login = { username: "watch", password: "over-the-wall" };
      const mail = { plugin: "all_kinds", kind: "mail", settings: { host: "good", login } };
      expect((await page.send("POST", "/connections", { name: "main", ...mail })).status).toBe(201);
      await page.visit("/plugins?id=all_kinds", async (at) => {
        await asked(at, "Switched on").check();
        await asked(at, "Way").selectOption("smtp");
        // A text until the connections are known.
        await at.locator("select[name=server]").waitFor();
        await asked(at, "Named server").selectOption("main");
        await save(at);
        await at.reload();
        await at.locator("select[name=server]").waitFor();
        expect(await asked(at, "Named server").inputValue()).toBe("main");
      });
      expect(await settingsOf("all_kinds")).toMatchObject({ server: "main" });
      // It is in use now.
      expect((await page.send("DELETE", "/connections/main")).status).toBe(409);
    });

    it("cannot be changed where the configuration file sets them", () =>
      page.visit("/plugins?id=carrier", async (at) => {
        await at.getByText("Set in vedette.yaml").waitFor();
        expect(await asked(at, "File").isDisabled()).toBe(true);
      }));

    it("show what became of their calls, without looking away from it", () =>
      page.visit("/plugins?id=crashing", async (at) => {
        const errors = at.locator("tbody[data-role=collect] td").nth(1);
        await at.locator("tbody[data-role=collect]").getByText("out of order").waitFor();
        const before = Number(await errors.textContent());
        await expect
          .poll(async () => Number(await errors.textContent()), { timeout: 90_000 })
          .toBeGreaterThan(before);
      }));

    it("ask before what was typed is lost", () =>
      page.visit("/plugins?id=all_kinds", async (at) => {
        await asked(at, "Certificate").fill("/etc/ssl/two.pem");
        await at.getByRole("link", { name: "Alerts" }).click();
        const dialog = at.getByRole("dialog", { name: "Leave without saving?" });
        await dialog.getByRole("button", { name: "Stay here" }).click();
        await dialog.waitFor({ state: "detached" });
        expect(await asked(at, "Certificate").inputValue()).toBe("/etc/ssl/two.pem");
        await at.getByRole("link", { name: "Alerts" }).click();
        await dialog.getByRole("button", { name: "Leave" }).click();
        await at.waitForURL(/\/alerts$/);
        await at.goBack();
        await field(at, "certificate").waitFor();
        expect(await asked(at, "Certificate").inputValue()).toBe("/etc/ssl/one.pem");
      }));

    it("are shown as well where they are programs of their own", () =>
      page.visit("/plugins", async (at) => {
        await at.locator(".list-row", { hasText: "notify" }).filter({ hasText: "program" }).click();
        const detail = at.getByRole("region", { name: "notify" });
        await detail.getByText("over a socket").waitFor();
        await detail.locator(".condition", { hasText: "healthy" }).waitFor();
        await detail.getByText("Restarts").waitFor();
      }));

    it("report assets with their programs; those that went are told apart", () =>
      page.visit("/assets", async (at) => {
        await at.locator(".card", { hasText: "nginx" }).waitFor();
        expect(await at.locator('a[href^="javascript"]').count()).toBe(0);
        writeFileSync(join(page.dir, "carried.assets"), JSON.stringify([{ id: "vm-1", name: "web" }]));
        await until("the asset to go", async () => {
          const { items } = await page.get<{ items: { active: boolean }[] }>("/assets");
          return items.some(({ active }) => !active);
        });
        await at.getByRole("button", { name: "Refresh" }).click();
        await at.getByRole("button", { name: "gone", exact: true }).click();
        await expect.poll(() => at.locator(".card h2").allTextContents()).toEqual(["db"]);
        await at.getByRole("button", { name: "Any" }).click();
        await at.getByRole("searchbox").fill("WEB");
        await expect.poll(() => at.locator(".card h2").allTextContents()).toEqual(["web"]);
        await at.goto(new URL("/plugins", at.url()).href);
        await at.getByRole("button", { name: "Export assets" }).click();
        await at.getByRole("status").getByText("1 assets handed over").waitFor();
        await until("the carrier to have it", () =>
          readFileSync(join(page.dir, "carried"), "utf8").includes('{"asset":"vm-1","manual":true}'),
        );
      }));

    it("add to the overview, and have pages of their own", async () => {
      const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
      const log = join(page.dir, "firewall.log");
      writeFileSync(
        log,
        `${at(9)} 203.0.113.9 blocked\n${at(5)} 203.0.113.9 blocked\n${at(2)} 198.51.100.7 blocked\n`,
      );
      await page.send("PATCH", "/plugins/my_firewall/settings", { enabled: true, logPath: log });
      await until("the events", async () => {
        const { items } = await page.get<{ items: object[] }>(
          "/events?filter=eventType:security.firewall_block",
        );
        return items.length === 3;
      });
      await page.visit("/plugins?id=carrier", async (tab) => {
        await tab.getByRole("heading", { name: "What was carried" }).waitFor();
        const widget = (title: string) =>
          tab
            .locator(".panel-widget")
            .filter({ has: tab.getByRole("heading", { name: title, exact: true }) });
        await widget("Blocks").locator("strong", { hasText: "3" }).waitFor();
        await widget("Blocks over time")
          .getByRole("img", { name: /3 events between/ })
          .waitFor();
        await widget("Blocked sources")
          .getByRole("link", { name: /203\.0\.113\.9.*2/ })
          .waitFor();
        await expect.poll(() => widget("Last blocks").locator("li").count()).toBe(3);
        await tab.getByRole("link", { name: "Blocks: Show in events", exact: true }).click();
        await tab.getByRole("heading", { name: "3 events", exact: true }).waitFor();
      });
      await page.visit("/address?q=203.0.113.9", async (tab) => {
        const widget = tab.locator(".panel-widget");
        await widget.locator("strong", { hasText: "2" }).waitFor();
        expect(await widget.getByRole("heading").allTextContents()).toEqual(["Blocks of it"]);
        await tab.getByRole("link", { name: "Blocks of it: Show in events", exact: true }).click();
        await tab.getByRole("heading", { name: "2 events", exact: true }).waitFor();
      });
      await page.visit("/", async (tab) => {
        const widget = tab.locator(".panel-widget");
        await widget.getByRole("heading", { name: "Events that pose" }).waitFor();
        await expect.poll(() => widget.count()).toBe(1);
      });
    });

    const views = [
      "/plugins",
      "/plugins?id=all_kinds",
      "/plugins?id=crashing",
      "/plugins?id=carrier",
      "/assets",
    ];
    it.each(views.flatMap((path) => [["light", path] as const, ["dark", path] as const]))(
      "have readable colours and names in %s at %s, also in German on a narrow screen",
      (colorScheme, path) =>
        page.visit(
          path,
          async (at) => {
            await at.locator(".list-row, .card").first().waitFor({ state: "attached" });
            await at
              .locator(path.includes("id=") ? ".detail-body" : ".list-row, .card")
              .first()
              .waitFor();
            expect(await at.evaluate(lowContrast)).toEqual([]);
            expect(await at.evaluate(nameless)).toEqual([]);
            await at.getByRole("button", { name: "Sprache: Deutsch" }).click();
            await at.setViewportSize({ width: 390, height: 800 });
            await at.getByRole("link", { name: "Überblick" }).waitFor();
            expect(await at.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
            expect(await at.evaluate(lowContrast)).toEqual([]);
          },
          { colorScheme },
        ),
    );

    // Last, because from then on everyone needs a key.
    it("may be looked at with any key and changed with an admin's; what was typed stays", async () => {
      const admin = await page.key("admin");
      const read = await page.key("read", admin);
      await page.visit("/plugins?id=all_kinds", async (at) => {
        await asked(at, "API key").fill(read);
        await at.getByRole("button", { name: "Open" }).click();
        await asked(at, "Certificate").fill("/etc/ssl/three.pem");
        await at.getByText("Only an admin may do that.").waitFor();
        await asked(at, "Another API key").fill(admin);
        await at.getByRole("button", { name: "Use it" }).click();
        await at.getByText("Only an admin may do that.").waitFor({ state: "detached" });
        expect(await asked(at, "Certificate").inputValue()).toBe("/etc/ssl/three.pem");
        await save(at);
      });
    });
  },
);
