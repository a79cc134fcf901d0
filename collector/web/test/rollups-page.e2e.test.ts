import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Event } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiFixture, startApi } from "../../src/api/testing/fixture.ts";
import { Rollups } from "../../src/rollups/index.ts";
import { chromiumPath, launchBrowser, visit } from "./browser.ts";
import { lowContrast, nameless } from "./looks.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pageDir = fileURLToPath(new URL("../dist", import.meta.url));
const pictures = process.env["VEDETTE_PICTURES"];
const dayMs = 86_400_000;
const now = Date.now();
const hostile = `"><img src=x onerror="window.harm=1">`;

/** More of them each day, of two tenants. */
const events = Array.from({ length: 40 }, (_, day) =>
  Array.from({ length: 40 - day }, (_, at): Event => {
    const failed = at % 4 === 0;
    return {
      ...{ id: `${day}-${at}`, "@timestamp": new Date(now - day * dayMs).toISOString(), dataType: "sshd" },
      eventType: failed ? "auth.login.failed" : at % 7 === 0 ? hostile : "auth.login.success",
      ...{ severity: failed ? "medium" : "info", tenantId: at % 10 === 0 ? "acme" : "default" },
      origin: { ip: "203.0.113.7", geolocation: { countryCode: failed ? "CN" : "DE" } },
    };
  }),
).flat();

describe.skipIf(chromiumPath === undefined)("counts on the page (skipped without Chromium)", () => {
  let api: ApiFixture;
  let browser: Browser;

  beforeAll(async () => {
    if (pictures) mkdirSync(pictures, { recursive: true });
    execFileSync(process.execPath, ["scripts/build-web.mjs"], { cwd: root, stdio: "ignore" });
    api = await startApi({ pageDir });
    await api.insert(events);
    const { signal } = new AbortController();
    const clock = { now: () => now };
    await new Rollups({ store: api.store, clock, log: recordingLogger(), signal, keptDays: [90] }).roll(true);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const at = (path: string, test: (page: Page) => Promise<void>, options?: BrowserContextOptions) =>
    visit({ browser, url: api.url + path, options }, test);

  const total = (count: string) => `${count} in all`;

  it("shows one over time, alone for a key, by month and by tenant", () =>
    at("/", async (page) => {
      // Its ranges end today, which must be the day of the events.
      await page.clock.setFixedTime(now);
      await page.getByRole("link", { name: "Long term" }).click();
      await page.getByText(total("820")).waitFor();
      await page.getByLabel("Count").selectOption("event_type");
      await page.locator(".bars a", { hasText: "auth.login.failed" }).waitFor();
      if (pictures) await page.screenshot({ path: join(pictures, "rollups.png"), fullPage: true });
      await page.locator(".bars a", { hasText: "auth.login.failed" }).click();
      await page.getByText("Only auth.login.failed").waitFor();
      const failed = events.filter(({ eventType }) => eventType === "auth.login.failed");
      await page.getByText(total(String(failed.length))).waitFor();
      const acme = failed.filter(({ tenantId }) => tenantId === "acme");
      await page.getByLabel("Tenant").selectOption("acme");
      // Another tenant has other keys.
      await page.getByText("Only auth.login.failed").waitFor({ state: "detached" });
      await page.locator(".bars a", { hasText: "auth.login.failed" }).click();
      await page.getByText(total(String(acme.length))).waitFor();
      await page.getByRole("link", { name: "All of them" }).click();
      await page.getByRole("button", { name: "30 days" }).click();
      await page.getByRole("button", { name: "months" }).click();
      expect(new URL(page.url()).search).toBe("?id=event_type&tenant=acme&days=30&by=month");
      const recent = events.filter(
        (each) =>
          each.tenantId === "acme" &&
          (each["@timestamp"] ?? "") >= new Date(now - 29 * dayMs).toISOString().slice(0, 10),
      );
      await page.getByText(total(String(recent.length))).waitFor();
    }));

  it("draws nothing that came from outside, and says where nothing was counted", () =>
    at("/rollups?id=event_type", async (page) => {
      await page.locator(".bars a", { hasText: "onerror" }).click();
      await page.getByText(`Only ${hostile}`).waitFor();
      expect(await page.evaluate(() => "harm" in window)).toBe(false);
      await page.getByLabel("Count").selectOption("scenario");
      await page.getByText("Nothing was counted in this range").first().waitFor();
    }));

  it.each([
    ["light", 390, "de-DE"],
    ["dark", 1280, "en-GB"],
  ] as const)("is readable and fits in %s, %d wide, %s", (colorScheme, width, locale) =>
    at(
      "/rollups?id=severity",
      async (page) => {
        await page.locator(".bars a").first().waitFor();
        await page.locator(".chart svg").first().waitFor();
        if (pictures)
          await page.screenshot({ path: join(pictures, `rollups-${colorScheme}.png`), fullPage: true });
        expect(await page.evaluate(lowContrast)).toEqual([]);
        expect(await page.evaluate(nameless)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      },
      { colorScheme, locale, viewport: { width, height: 900 } },
    ),
  );
});
