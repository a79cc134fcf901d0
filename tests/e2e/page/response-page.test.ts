import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, lowContrast, nameless, type Page, type ServedPage, servePage } from "./support.ts";

const hostile = `"><img src=x onerror="document.title='harm'"><script>document.title='harm'</script>`;
const pictures = process.env["VEDETTE_PICTURES"];

const workflows = (url: string): string => `
- id: ask-first
  name: Ask first
  description: Asks, then tells.
  timeSavedSeconds: 600
  steps:
    - { id: Sure, type: approval, question: "Block {{[trigger].[ip]}}?", notify: [people] }
    - { id: Tell, type: action, action: http.request, input: { method: POST, url: "${url}", json: { ip: "{{[trigger].[ip]}}" } } }
- id: fails
  name: Fails
  steps:
    - { id: Card, type: artifact, content: "{{[trigger].[text]}}" }
    - { id: Nobody, type: action, action: http.request, input: { method: POST, url: "http://127.0.0.1:1/" } }
`;

describe.skipIf(chromiumPath === undefined)("the response on the page (skipped without Chromium)", () => {
  const told: unknown[] = [];
  let other: Server;
  let page: ServedPage;
  beforeAll(async () => {
    other = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += String(part);
      });
      request.on("end", () => {
        told.push(JSON.parse(body));
        response.end("{}");
      });
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const respond = { workflows: ["workflows.yaml"], questions: { channels: ["nobody"] } };
    page = await servePage(
      { respond, egress: { allow: ["127.0.0.1"] } },
      { "workflows.yaml": workflows(url) },
    );
    const settings = { url, signing: { secretKey: "a-signing-key" } };
    const people = { name: "people", plugin: "webhook", kind: "endpoint", settings };
    expect((await page.send("POST", "/connections", people)).status).toBe(201);
  }, 150_000);
  afterAll(async () => {
    await page?.close();
    other?.close();
  });

  const press = (at: Page, name: string) => at.getByRole("button", { name, exact: true }).click();

  it("runs a workflow, asks, takes the answer, and shows what each step was given and gave", () =>
    page.visit("/", async (at) => {
      await at.getByRole("link", { name: "Response", exact: true }).click();
      await at.getByText("No jobs").waitFor();
      await at.getByRole("link", { name: "Workflows" }).click();
      await at.getByRole("button", { name: /Ask first/ }).click();
      await at.locator(".description", { hasText: "Asks, then tells." }).waitFor();
      await at.getByLabel("Started with, as JSON").fill("[1");
      await press(at, "Run it");
      await at
        .getByRole("alert")
        .getByText(/not a JSON object/)
        .waitFor();
      await at.getByLabel("Started with, as JSON").fill('{"ip":"203.0.113.9"}');
      await at.getByLabel(/Dry run/).uncheck();
      await press(at, "Run it");
      await at.getByText("Block 203.0.113.9?").waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "job-question.png") });
      await press(at, "approve");
      await at.locator(".panel-detail .condition", { hasText: "succeeded" }).waitFor();
      await at.getByText(/answered approve/).waitFor();
      expect(told).toContainEqual({ ip: "203.0.113.9" });
      const tell = at
        .locator(".job-steps > li", { hasText: "http.request" })
        .or(at.locator(".job-steps > li", { hasText: "Tell" }));
      await tell.getByText("Given").first().click();
      await tell.getByText("203.0.113.9").first().waitFor();
      await at.getByRole("link", { name: "Workflows" }).click();
      await at.getByText("10 min of work saved").waitFor();
    }));

  it("says why a job failed, draws nothing that came from outside, and runs it again from a step", () =>
    page.visit("/workflows?id=fails", async (at) => {
      await at.getByLabel("Started with, as JSON").fill(JSON.stringify({ text: hostile }));
      await at.getByLabel(/Dry run/).uncheck();
      await press(at, "Run it");
      await at.locator(".job-steps .condition", { hasText: "failed" }).waitFor();
      for (const summary of await at.locator(".job-steps summary, .detail-body > details summary").all())
        await summary.click();
      await at.getByText("onerror").first().waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "job-failed.png"), fullPage: true });
      expect(await at.title()).not.toBe("harm");
      const first = new URL(at.url()).searchParams.get("id");
      await press(at, "Again from here");
      await expect.poll(() => new URL(at.url()).searchParams.get("id")).not.toBe(first);
      await at.locator(".job-steps .condition", { hasText: "failed" }).waitFor();
      await at.getByRole("link", { name: "Again, of …" }).waitFor();
    }));

  it("tests channels, lists what was told, and sends a dead letter again", () =>
    page.visit("/deliveries", async (at) => {
      await press(at, "Send a test");
      await at.getByText(/It was sent/).waitFor();
      const dead = at
        .locator(".control", { hasText: "Answer needed: Block 203.0.113.9?" })
        .filter({ hasText: "nobody" });
      await dead.getByText("not delivered").waitFor();
      await dead.getByRole("button", { name: "Send again" }).click();
      await dead.getByText("not delivered").waitFor();
      await at.getByRole("button", { name: "sent", exact: true }).click();
      await dead.waitFor({ state: "detached" });
      await at.locator(".control", { hasText: "people" }).first().waitFor();
    }));

  it("makes, changes and removes a rule of notifications, with mistakes at their place", () =>
    page.visit("/notifications", async (at) => {
      await at.getByText("Nobody is told of anything").waitFor();
      await press(at, "New rule");
      await at.getByLabel("Name", { exact: true }).fill("night");
      await at.getByLabel("cooldown", { exact: true }).fill("soon");
      await press(at, "Save");
      await at.locator('.field[data-key="cooldown"] .field-problem').waitFor();
      await at.getByLabel("cooldown", { exact: true }).fill("30m");
      await press(at, "Save");
      await at.getByRole("heading", { name: "night" }).waitFor();
      expect(await page.get("/notifications/rules")).toMatchObject({
        items: [{ name: "night", settings: { channels: ["people"], cooldown: "30m" } }],
      });
      if (pictures) await at.screenshot({ path: join(pictures, "notification-rule.png") });
      await press(at, "Remove");
      await at.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
      await at.getByText("Nobody is told of anything").waitFor();
    }));

  it.each([
    ["light", 390, "de-DE"],
    ["dark", 1280, "en-GB"],
  ] as const)("is readable and fits in %s, %d wide, %s", async (colorScheme, width, locale) => {
    for (const path of ["/jobs", "/workflows?id=ask-first", "/notifications", "/deliveries"])
      await page.visit(
        path,
        async (at) => {
          await at.locator(".list-row, .control, .state").first().waitFor({ state: "attached" });
          if (path === "/jobs" && width > 700) {
            await at.locator(".list-row").first().click();
            await at.locator(".detail-body").waitFor();
          }
          if (pictures) {
            mkdirSync(pictures, { recursive: true });
            const name = `response${path.replaceAll(/\W+/g, "-")}-${colorScheme}.png`;
            await at.screenshot({ path: join(pictures, name), fullPage: true });
          }
          expect([path, await at.evaluate(lowContrast), await at.evaluate(nameless)]).toEqual([path, [], []]);
          expect([path, await at.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
            path,
            width,
          ]);
        },
        { colorScheme, locale, viewport: { width, height: 900 } },
      );
  });
});
