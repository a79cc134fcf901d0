import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Alert, Event } from "@vedette/sdk";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiFixture, startApi } from "../../src/api/testing/fixture.ts";
import { randomFrom, sampleEvent } from "../../src/api/testing/samples.ts";
import { chromiumPath, launchBrowser, visit } from "./browser.ts";
import { lowContrast, nameless } from "./looks.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pageDir = fileURLToPath(new URL("../dist", import.meta.url));

if (chromiumPath === undefined && process.env["CI"] === "true")
  throw new Error("The tests of the page need Chromium: install it or set CHROMIUM_PATH.");

const events = 4_000;
const random = randomFrom(11);
const now = Date.now();
const samples = Array.from({ length: events }, (_, index) =>
  sampleEvent(index, now - 5_000 - Math.floor((index / events) * 3_000_000), random),
);

/** Text that would do harm wherever it is taken for more than text. */
const hostile = `"><img src=x onerror="window.harm=1"><script>window.harm=1</script>\u202e'\${7*7}{{7*7}}javascript:alert(1)`;
const hostileSide = { ip: hostile, host: hostile, user: hostile, path: hostile, mac: hostile };
const hostileEvent: Event = {
  id: "hostile<b>'\"",
  "@timestamp": new Date(now - 1_000).toISOString(),
  dataType: hostile,
  dataSource: hostile,
  eventType: hostile,
  severity: hostile,
  action: hostile,
  origin: { ...hostileSide, geolocation: { country: hostile, countryCode: hostile } },
  target: hostileSide,
  errors: [hostile],
  log: { [`k<img src=x onerror=window.harm=1>`]: hostile },
  raw: hostile,
};
const brute = samples.filter((event) => event.eventType === "auth.failure").slice(0, 12);
const alerts: Alert[] = [
  {
    id: "alert-1",
    "@timestamp": new Date(now - 60_000).toISOString(),
    name: "SSH brute force",
    ruleId: "ssh-brute-force",
    severity: "high",
    status: "open",
    description: "Many failed log-ins from one address.",
    references: ["https://attack.mitre.org/techniques/T1110/"],
    adversary: { ip: brute[0]!.origin!.ip! },
    events: brute,
  },
  {
    id: "alert-2",
    "@timestamp": new Date(now - 50_000).toISOString(),
    name: hostile,
    ruleId: hostile,
    severity: hostile,
    status: hostile,
    category: hostile,
    technique: hostile,
    description: hostile,
    references: ["javascript:window.harm=1", hostile],
    adversary: hostileSide,
    events: [hostileEvent],
  },
];

describe.skipIf(chromiumPath === undefined)("the page (skipped where there is no Chromium)", () => {
  let api: ApiFixture;
  let browser: Browser;

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.mjs"], { cwd: root, stdio: "ignore" });
    api = await startApi({ pageDir });
    await api.insert([...samples, hostileEvent]);
    await api.insertAlerts(alerts);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const at = (path: string, test: (page: Page) => Promise<void>, options?: BrowserContextOptions) =>
    visit({ browser, url: api.url + path, options }, test);

  it("shows what is going on", () =>
    at("/", async (page) => {
      await page.getByText("Germany").waitFor();
      expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toContain("Top origin addresses");
      await page.getByText("SSH brute force").waitFor();
      expect(await page.getByRole("img", { name: /events between/ }).count()).toBe(1);
      await page.getByRole("link", { name: /203\.0\.113\.1 / }).click();
      await page.locator(".chip", { hasText: "203.0.113.1" }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/events");
    }));

  it("finds events by words and values, and keeps the search in the address", () =>
    at("/events", async (page) => {
      await page.locator(".table-body .table-row").first().waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("accepted -dataSource:bastion");
      await page.keyboard.press("Enter");
      const wanted = samples.filter((e) => e.eventType === "auth.success" && e.dataSource === "db-1").length;
      await page.getByRole("heading", { name: `${wanted} events`, exact: true }).waitFor();
      expect(new URL(page.url()).searchParams.get("q")).toBe("accepted -dataSource:bastion");
      await page.getByRole("button", { name: "origin.user" }).click();
      await page.locator(".facet-value", { hasText: "root" }).waitFor();
      await page.locator(".facet-value", { hasText: "db-1" }).getByRole("button").first().click();
      await page.locator(".chip", { hasText: "db-1" }).waitFor();
      await page.locator(".chip-text").click();
      await page.getByText("No events match").waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: `${wanted} events`, exact: true }).waitFor();
    }));

  it("completes field names and shows a mistake in its place", () =>
    at("/events", async (page) => {
      await page.fill("#search-box", "");
      await page.locator("#search-box").pressSequentially("orig");
      await page.getByRole("option", { name: /origin\.ip/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Tab");
      expect(await page.inputValue("#search-box")).toMatch(/^origin\.\w+:$/);
      await page.fill("#search-box", "failed severty:high");
      await page.keyboard.press("Enter");
      const alert = page.locator("#search-problem");
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(/failed severty:high\n {7}\^[\s\S]*Did you mean "severity"/);
    }));

  it("zooms by drawing over the histogram", () =>
    at("/events", async (page) => {
      const chart = page.locator(".chart svg");
      await chart.waitFor();
      const box = (await chart.boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL(/from=20\d\d-/);
      const { searchParams } = new URL(page.url());
      const span = Date.parse(searchParams.get("to")!) - Date.parse(searchParams.get("from")!);
      expect(span).toBeGreaterThan(8 * 60_000);
      expect(span).toBeLessThan(18 * 60_000);
    }));

  it("draws only the rows in sight of a long list", () =>
    at("/events", async (page) => {
      const table = page.getByRole("grid");
      await page.locator(".table-body .table-row").first().waitFor();
      const rows = async () => {
        await table.evaluate((node) => node.scrollTo(0, node.scrollHeight));
        return (await page.locator(".table-body").evaluate((node) => node.clientHeight)) / 29;
      };
      await expect.poll(rows, { timeout: 15_000 }).toBeGreaterThan(1_000);
      expect(await page.locator(".table-body .table-row").count()).toBeLessThan(90);
    }));

  it("shows every field of an event, by keys alone", () =>
    at("/events?filter=dataType:sshd", async (page) => {
      await page.locator(".table-body .table-row").first().waitFor();
      await page.keyboard.press("j");
      const drawer = page.getByRole("complementary", { name: "Event" });
      await drawer.waitFor();
      for (const path of ["origin.ip", "origin.sshBanner", "log.pid", "@timestamp"])
        expect(await drawer.getByText(path, { exact: true }).count(), path).toBe(1);
      const first = new URL(page.url()).searchParams.get("id");
      await page.keyboard.press("j");
      await page.waitForFunction((id) => new URL(location.href).searchParams.get("id") !== id, first);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await page.keyboard.press("?");
      const help = page.getByRole("dialog", { name: "Keyboard" });
      await help.waitFor();
      await page.keyboard.press("Escape");
      await help.waitFor({ state: "detached" });
      await page.keyboard.press("1");
      await page.getByText("Top sources").waitFor();
      await page.keyboard.press("/");
      await page.locator("#search-box:focus").waitFor();
    }));

  it("follows events live, pauses and goes on", () =>
    at("/events", async (page) => {
      await page.getByRole("button", { name: "Live", exact: true }).click();
      await page.getByText("Following", { exact: true }).waitFor();
      const live = (id: string) => ({
        ...samples[0]!,
        id,
        "@timestamp": new Date().toISOString(),
        raw: `live ${id}`,
      });
      await api.insert([live("one")]);
      await page.getByText("live one").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await api.insert([live("two"), live("three")]);
      await page.getByText("2 waiting").waitFor();
      expect(await page.getByText("live two").count()).toBe(0);
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByText("live two").waitFor();
      expect(api.tail.listeners).toBe(1);
      await page.getByRole("button", { name: "Stop following" }).click();
      await expect.poll(() => api.tail.listeners).toBe(0);
    }));

  it("shows an alert with its events and leads to them", () =>
    at("/alerts", async (page) => {
      await page.getByRole("button", { name: /SSH brute force/ }).click();
      await page.getByRole("heading", { name: "SSH brute force" }).waitFor();
      expect(await page.locator(".timeline li").count()).toBe(12);
      await page.getByRole("button", { name: "closed", exact: true }).click();
      await page.getByText("No alerts in this range").waitFor();
      await page.goBack();
      await page.getByRole("link", { name: "Show in events" }).click();
      await page.locator(".chip", { hasText: "origin.ip" }).waitFor();
      await page.locator(".table-body .table-row").first().waitFor();
    }));

  it.each([
    "/",
    "/events",
    "/alerts",
    `/events?id=${encodeURIComponent(hostileEvent.id!)}`,
    "/alerts?id=alert-2",
  ])("takes hostile values for text at %s", (path) =>
    at(path, async (page) => {
      await page.getByText("onerror=", { exact: false }).first().waitFor();
      expect(await page.locator("img, iframe, object, [onerror], script:not([src])").count()).toBe(0);
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    }),
  );

  it.each([
    ["light", "/"],
    ["dark", "/"],
    ["light", "/events?filter=dataType:neq:odd"],
    ["dark", "/events?filter=dataType:neq:odd"],
    ["light", "/alerts?id=alert-1"],
    ["dark", "/alerts?id=alert-1"],
    ["dark", "/address?q=203.0.113.0/24"],
  ] as const)("has readable colours and names in %s at %s", (colorScheme, path) =>
    at(
      path,
      async (page) => {
        await page
          .locator("main")
          .getByText(/brute force|Failed|GET|failure/)
          .first()
          .waitFor();
        expect(await page.evaluate(lowContrast)).toEqual([]);
        expect(await page.evaluate(nameless)).toEqual([]);
      },
      { colorScheme },
    ),
  );

  it.each([...["/", "/events", "/alerts", "/alerts?id=alert-1"], "/address?q=203.0.113.0/24"])(
    "fits a narrow screen at %s",
    (path) =>
      at(
        path,
        async (page) => {
          await page
            .locator("main")
            .getByText(/brute force|Failed|GET|failure/)
            .filter({ visible: true })
            .first()
            .waitFor();
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(380);
        },
        { viewport: { width: 380, height: 800 } },
      ),
  );

  it("looks into an address and a network, and says what is neither", () =>
    at("/", async (page) => {
      await page.getByRole("link", { name: "Explore" }).click();
      const field = page.getByLabel("Address or network");
      await field.fill("300.1.1.1");
      await page.keyboard.press("Enter");
      await page.getByText("neither an address nor a network").waitFor();
      await page.getByLabel("Address or network").fill("203.0.113.1");
      await page.keyboard.press("Enter");
      const count = samples.filter(({ origin }) => origin?.ip === "203.0.113.1").length;
      await page.getByRole("heading", { name: "Event types" }).waitFor();
      await page.getByRole("link", { name: "All its events" }).click();
      await page.getByRole("heading", { name: `${count} events`, exact: true }).waitFor();
      await page.goBack();
      await page.getByLabel("Address or network").fill("203.0.113.0/24");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Addresses", exact: true }).waitFor();
      await page.getByRole("button", { name: "what was done to it" }).click();
      await page.getByText("None in this range").first().waitFor();
      await page.getByRole("button", { name: "what it did" }).click();
      await page.getByText("203.0.113.1", { exact: true }).waitFor();
      const pictures = process.env["VEDETTE_PICTURES"];
      if (pictures) await page.screenshot({ path: `${pictures}/address.png`, fullPage: true });
    }));

  it("keeps what it shows while the collector does not answer, and says so", () =>
    at("/", async (page) => {
      await page.getByText("Germany").waitFor();
      await page.route("**/api/**", (route) => route.abort());
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByRole("status").getByText("The collector does not answer.").waitFor();
      expect(await page.getByText("Germany").count()).toBe(1);
      await page.unroute("**/api/**");
      await page.getByRole("button", { name: "Refresh" }).click();
      await page
        .getByRole("status")
        .getByText("The collector does not answer.")
        .waitFor({ state: "detached" });
    }));

  it("speaks German and remembers it", () =>
    at("/", async (page) => {
      await page.getByRole("button", { name: "Sprache: Deutsch" }).click();
      await page.getByText("Häufigste Quellen").waitFor();
      await page.reload();
      await page.getByText("Häufigste Quellen").waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
    }));

  it("is sent compressed, with validators, and small", async () => {
    const html = await (await api.get("/")).text();
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    const answer = await api.get(script, { headers: { "accept-encoding": "br" } });
    expect(answer.headers.get("content-encoding")).toBe("br");
    expect(answer.headers.get("cache-control")).toContain("immutable");
    const etag = answer.headers.get("etag")!;
    const again = await api.get(script, { headers: { "accept-encoding": "br", "if-none-match": etag } });
    expect(again.status).toBe(304);
    // What is fetched before anything is shown; views on demand come later.
    const preloaded = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, file]) => file!);
    const sizes = await Promise.all(
      [script, ...preloaded].map(async (file) =>
        Number(
          (await api.get(file, { headers: { "accept-encoding": "gzip" } })).headers.get("content-length"),
        ),
      ),
    );
    expect(preloaded.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(35_000);
  });

  it("says that a part could not be fetched, and fetches it when asked again", () =>
    at("/", async (page) => {
      await page.getByText("Germany").waitFor();
      const requested: string[] = [];
      page.on("request", (request) => requested.push(new URL(request.url()).pathname));
      await page.route("**/assets/*.js", (route) => route.abort());
      await page.getByRole("link", { name: "Alerts", exact: true }).click();
      await page.getByText("This part of the page could not be fetched").waitFor();
      expect(requested.some((path) => path.startsWith("/assets/"))).toBe(true);
      await page.unroute("**/assets/*.js");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("Choose an alert to see what happened").waitFor();
    }));

  // Last, because it closes the API for everyone else.
  it("asks for the key once there is one", () =>
    at("/", async (page) => {
      await page.getByText("Germany").waitFor();
      const { secret } = await api.keys.create({ name: "page", scopes: ["read"] });
      await page.reload();
      await page.getByLabel("API key").fill("wrong");
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByText("This key is unknown").waitFor();
      await page.getByLabel("API key").fill(secret);
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByText("Germany").waitFor();
      await page.reload();
      await page.getByText("Germany").waitFor();
    }));
});
