import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Alert } from "@vedette/sdk";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiFixture, startApi } from "../../src/api/testing/fixture.ts";
import { appendAudit, nextRevision } from "../../src/control/index.ts";
import { chromiumPath, launchBrowser, visit } from "./browser.ts";
import { lowContrast, nameless } from "./looks.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pageDir = fileURLToPath(new URL("../dist", import.meta.url));
/** Where pictures of the views go, for people to look at. */
const pictures = process.env["VEDETTE_PICTURES"];

const hostile = `"><img src=x onerror="window.harm=1"><script>window.harm=1</script>\u202e'\${7*7}`;
const now = Date.now();
const alert = (id: string, more: Partial<Alert>): Alert => ({
  ...{
    id,
    "@timestamp": new Date(now - 60_000).toISOString(),
    lastUpdate: new Date(now - 60_000).toISOString(),
  },
  ...{
    name: "SSH brute force",
    ruleId: "1001",
    severity: "high",
    status: "open",
    dataType: "sshd",
    dataSource: "web-1",
  },
  ...{ technique: "T1110 - Brute Force", tenantId: "t" },
  adversary: { ip: "203.0.113.7", user: "root" },
  lastEvent: {
    id: `e-${id}`,
    "@timestamp": new Date(now - 61_000).toISOString(),
    raw: "Failed password for root",
  },
  ...more,
});
const alerts: Alert[] = [
  alert("a-1", {}),
  alert("a-2", {
    name: "Web shell written",
    ruleId: "1002",
    technique: "T1505.003 - Web Shell",
    severity: "critical",
  }),
  alert("a-3", {
    adversary: { ip: "198.51.100.20" },
    name: "Port scan",
    ruleId: "1003",
    severity: "low",
    technique: "T1046",
  }),
  alert("a-4", {
    name: hostile,
    ruleId: hostile,
    technique: hostile,
    dataSource: hostile,
    adversary: { user: hostile },
  }),
  ...Array.from({ length: 10 }, (_, at) =>
    alert(`n-${at}`, {
      name: "Rare process",
      ruleId: "1004",
      severity: "low",
      adversary: { host: `pc-${at}` },
    }),
  ),
];

const source = (name: string, msAgo: number, alertId: string) => ({
  ...{
    tenant_id: "default",
    data_type: "sshd",
    data_source: name,
    first_at: now - 9 * 86_400_000,
    last_at: now - msAgo,
  },
  ...{ span: 1, pause_now: 300_000, pause_before: 0, alert_id: alertId },
});

describe.skipIf(chromiumPath === undefined)("alerts on the page (skipped where there is no Chromium)", () => {
  let api: ApiFixture;
  let browser: Browser;

  const send = (method: string, path: string, body: object): Promise<Response> =>
    api.get(`/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const items = async (path: string): Promise<Record<string, unknown>[]> =>
    ((await (await api.get(`/api/v1${path}`)).json()) as { items: Record<string, unknown>[] }).items;

  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.mjs"], { cwd: root, stdio: "ignore" });
    const rules = {
      rules: [{ id: "never-raised", name: "Never raised" }] as never,
      reload: () => Promise.reject(),
    };
    api = await startApi({ pageDir, rules });
    await api.alerting.keep(alerts, "alerts");
    await send("POST", "/alerts/changes", {
      ...{ ids: alerts.slice(4).map(({ id }) => id) },
      change: { status: "closed", verdict: "false_positive" },
    });
    await api.alerting.database
      .insertInto("sources")
      .values([
        source("quiet-1", 3 * 3_600_000, "a-2"),
        source("loud-1", 20_000, ""),
        source(hostile, 10_000, ""),
      ])
      .execute();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const at = (path: string, test: (page: Page) => Promise<void>, options?: BrowserContextOptions) =>
    visit({ browser, url: api.url + path, options }, test);

  it("leads from an incident over its alerts to what is known of one", () =>
    at("/incidents", async (page) => {
      await page.getByRole("button", { name: /Web shell written and 1 more: 203.0.113.7/ }).click();
      await page.getByText("T1505.003 Server Software Component: Web Shell").waitFor();
      await page.getByRole("link", { name: /SSH brute force/ }).click();
      await page.getByRole("heading", { name: "SSH brute force" }).waitFor();
      await page.getByText("T1110 Brute Force").waitFor();
      await page.getByRole("link", { name: "Its incident" }).click();
      await page.getByRole("heading", { name: /Web shell written/ }).waitFor();
    }));

  it("acknowledges, assigns, comments and closes, and says when somebody else was faster", () =>
    at("/alerts?id=a-3", async (page) => {
      await page.getByRole("button", { name: "Acknowledge", exact: true }).click();
      await page.getByText("Status: open → acknowledged").waitFor();
      await page.getByLabel("Who looks after it").fill("anna");
      await page.getByLabel("Comment", { exact: true }).fill("A scan of ours?");
      // The page must have the alert as it is now, or it would have what somebody else does now as well.
      const noted = page.waitForResponse(
        async (answer) =>
          answer.request().method() === "GET" &&
          new URL(answer.url()).pathname === "/api/v1/alerts/a-3" &&
          (await answer.text()).includes('"assignee":"anna"'),
      );
      await page.getByRole("button", { name: "Note it" }).click();
      await page.getByText("A scan of ours?").first().waitFor();
      await page.getByText("Looked after by: – → anna").waitFor();
      await noted;
      await send("PATCH", "/alerts/a-3", { assignee: "bob" });
      await page.getByRole("button", { name: "Close: false alarm" }).click();
      await page.getByText("Somebody else changed it meanwhile").waitFor();
      await page.getByText("Looked after by: anna → bob").waitFor();
      // What was done comes by itself: the change is only free when the alert came too.
      await expect.poll(() => page.getByLabel("Who looks after it").inputValue()).toBe("bob");
      await page.getByRole("button", { name: "Close: false alarm" }).click();
      await page.getByText("Status: acknowledged → closed").waitFor();
      expect(await items("/alerts?verdict=false_positive&rule=1003")).toMatchObject([
        { assignee: "bob", version: 4 },
      ]);
    }));

  it("takes the next change at once, before what the last one made of it was read again", () =>
    at("/alerts?id=a-4", async (page) => {
      const acknowledge = page.getByRole("button", { name: "Acknowledge", exact: true });
      await acknowledge.waitFor();
      const reading = Promise.withResolvers<void>();
      await page.route("**/api/v1/alerts/a-4", async (route) => {
        if (route.request().method() === "GET") await reading.promise;
        await route.continue();
      });
      await acknowledge.click();
      await page.getByText("Status: open → acknowledged").waitFor();
      await page.getByLabel("Comment", { exact: true }).fill("And this");
      await page.getByRole("button", { name: "Note it" }).click();
      await page.getByText("And this").first().waitFor();
      expect(await page.getByText("Somebody else changed it meanwhile").count()).toBe(0);
      reading.resolve();
      await expect.poll(() => page.getByLabel("Comment", { exact: true }).inputValue()).toBe("");
    }));

  it("excludes with a look at the past, by keys alone, and ends the exception", () =>
    at("/alerts?id=a-1", async (page) => {
      await page.getByRole("button", { name: "Exclude this" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText(/would have hidden 1 of 1 alerts/).waitFor();
      await page.getByRole("dialog").getByLabel("Comment", { exact: true }).focus();
      await page.keyboard.type("Our own test");
      if (pictures) await page.screenshot({ path: join(pictures, "exclude.png") });
      await page.getByRole("button", { name: "Make it so" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("It is made.").waitFor();
      await page.keyboard.press("Escape");
      expect(await items("/exceptions")).toMatchObject([
        {
          comment: "Our own test",
          state: "active",
          matchers: [{ field: "rule", values: ["1001"] }, { field: "adversary.ip" }],
        },
      ]);
      await page.getByRole("link", { name: "Silences" }).click();
      await page.getByText("Our own test").waitFor();
      await page.getByRole("button", { name: "End" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
      await page.getByText("over", { exact: true }).waitFor();
    }));

  it("makes a window of maintenance that comes again", () =>
    at("/silences", async (page) => {
      await page.getByRole("button", { name: "New maintenance" }).click();
      await page.getByLabel("Values").fill("backup-*, db-1");
      await page.getByLabel("comes again every week").check();
      await page.getByLabel("Comment", { exact: true }).fill("Nightly backup");
      await page.getByRole("button", { name: "Make it so" }).click();
      await page.getByText("host = backup-*, db-1").waitFor();
      expect(await items("/maintenance")).toMatchObject([
        { weekly: { days: ["sun"], at: "02:00", minutes: 120 } },
      ]);
    }));

  it("says which rules to tune or retire", () =>
    at("/scorecard", async (page) => {
      await page.getByText("100 % of 10 judged alerts were false alarms.").waitFor();
      await page.getByText("retire", { exact: true }).waitFor();
      await page.getByText("It raised nothing in 30 days.").waitFor();
    }));

  it("says who is at risk, and leads to what an address did", () =>
    at("/risks", async (page) => {
      const first = page.locator(".score").first();
      await first.getByText(/^1\d\d of 200 points/).waitFor();
      await first.getByRole("link", { name: "ip:203.0.113.7" }).click();
      await page.getByRole("heading", { name: "Address", exact: true }).waitFor({ state: "attached" });
      expect(new URL(page.url()).searchParams.get("q")).toBe("203.0.113.7");
    }));

  it("says which sources are silent, and leads to their alerts", () =>
    at("/sources", async (page) => {
      // However long the tests before took.
      const recent = api.alerting.database.updateTable("sources").set({ last_at: Date.now() });
      await recent.where("data_source", "=", "loud-1").execute();
      await page.reload();
      await page.getByText("loud-1").waitFor();
      await page.getByRole("button", { name: "Silent", exact: true }).click();
      await page.getByText("loud-1").waitFor({ state: "detached" });
      await page.getByText("3 h ago").waitFor();
      await page.getByRole("link", { name: "Its alert" }).click();
      await page.getByRole("heading", { name: "Web shell written" }).waitFor();
    }));

  it("tells who changed what, a page at a time, and whether somebody changed the trail", () =>
    at("/audit", async (page) => {
      const { database } = api.alerting;
      await database.transaction().execute(async (transaction) => {
        await nextRevision(transaction, now);
        for (let at = 0; at < 100; at++) {
          const entry = {
            author: "anna",
            action: "alert.change",
            subject: "a-3",
            detail: { comment: `note ${at}` },
          };
          await appendAudit(transaction, entry, now + at);
        }
      });
      await page.getByRole("button", { name: "Refresh" }).click();
      const entries = page.locator(".score");
      await expect.poll(() => entries.count()).toBe(100);
      await entries.first().getByText("In detail").click();
      await entries.first().getByText("note 99").waitFor();
      const earlier = page.getByRole("button", { name: "Earlier ones" });
      await earlier.click();
      await expect.poll(() => entries.count()).toBeGreaterThan(100);
      await earlier.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Check that it is whole" }).click();
      await page.getByText("Whole: every entry").waitFor();
      await database.updateTable("audit").set({ author: "nobody" }).where("seq", "=", 2).execute();
      await page.getByRole("button", { name: "Check that it is whole" }).click();
      await page.getByText("Broken: entry 2 does not follow").waitFor();
    }));

  it("asks for a key that may, and keeps what was typed", () =>
    at("/alerts?id=a-2", async (page) => {
      await page.route("**/api/v1/alerts/a-2", (route) =>
        route.request().method() === "PATCH"
          ? route.fulfill({
              status: 403,
              contentType: "application/problem+json",
              body: '{"detail":"no scope"}',
            })
          : route.continue(),
      );
      await page.getByLabel("Comment", { exact: true }).fill("Kept");
      await page.getByRole("button", { name: "Acknowledge", exact: true }).click();
      await page.getByText("Use a key with the scope").waitFor();
      expect(await page.getByLabel("Comment", { exact: true }).inputValue()).toBe("Kept");
    }));

  const views = [
    "/incidents",
    "/alerts?id=a-2",
    "/silences",
    "/scorecard",
    "/alerts?id=a-4",
    "/risks",
    "/sources",
    "/audit",
  ];
  it.each([
    ["light", 390, "en-GB"],
    ["dark", 390, "de-DE"],
    ["light", 1280, "de-DE"],
    ["dark", 1280, "en-GB"],
  ] as const)("are readable and fit in %s, %d wide, %s", async (theme, width, locale) => {
    for (const [index, path] of views.entries())
      await at(
        path,
        async (page) => {
          await page.locator("main .tabs").first().waitFor({ state: "attached" });
          await page
            .locator(".list-row, .control, .score, .alert-body")
            .first()
            .waitFor({ state: "attached" });
          if (path === "/silences") await page.locator("button[aria-expanded]").first().click();
          if (path === "/incidents" && width > 700) await page.locator(".list-row").first().click();
          if (path.startsWith("/incidents") && width > 700) await page.locator(".case").waitFor();
          if (pictures) {
            mkdirSync(pictures, { recursive: true });
            await page.screenshot({
              path: join(pictures, `${index}-${theme}-${width}-${locale}.png`),
              fullPage: true,
            });
          }
          expect([path, await page.evaluate(lowContrast), await page.evaluate(nameless)]).toEqual([
            path,
            [],
            [],
          ]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
          expect([path, overflow]).toEqual([path, width]);
        },
        { colorScheme: theme, locale, viewport: { width, height: 900 } },
      );
  });
});
