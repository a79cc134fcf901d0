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
    const rule = { name: "ban-ssh", rules: ["*ssh*"], action: "blocklist/ban" };
    const actions = {
      dryRun: false,
      allowNonGlobal: ["203.0.113.0/24"],
      neverTouch: ["203.0.113.200"],
      rules: [rule],
    };
    const respond = {
      workflows: ["workflows.yaml"],
      questions: { channels: ["nobody"], answers: { people: { person: "Anna" } } },
      actions,
    };
    page = await servePage(
      { respond, egress: { allow: ["127.0.0.1"] }, notifications: { pageUrl: "https://v.example" } },
      { "workflows.yaml": workflows(url) },
    );
    const settings = { url, signing: { secretKey: "a-signing-key" } };
    const people = { name: "people", plugin: "webhook", kind: "endpoint", settings };
    expect((await page.send("POST", "/connections", people)).status).toBe(201);
  });
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

  it("takes an answer by the link that its channel was told, once and without a key", async () => {
    const run = await page.send("POST", "/workflows/ask-first/run", { input: { ip: "203.0.113.77" } });
    const { job } = (await run.json()) as { job: string };
    const link = () =>
      told
        .map((each) => each as { title?: string; link?: string })
        .find(({ title, link: to }) => title?.includes("203.0.113.77") && to?.includes("#"))?.link;
    await expect.poll(link, { timeout: 60_000 }).toContain("https://v.example/answer#");
    const path = link()!.slice("https://v.example".length);
    await page.visit(path, async (at) => {
      await at.getByRole("heading", { name: "A question for Anna" }).waitFor();
      await at.getByText("Block 203.0.113.77?").waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "answer.png") });
      expect(await at.evaluate(lowContrast)).toEqual([]);
      await press(at, "approve");
      await at.getByText("Answered: approve").waitFor();
    });
    await expect
      .poll(() => page.get(`/jobs/${job}`), { timeout: 60_000 })
      .toMatchObject({ status: "succeeded", questions: [{ answeredBy: "Anna (people, link)" }] });
    await page.visit(path, (at) => at.getByText("This link is of no open question").waitFor(), {
      locale: "en-GB",
    });
  });

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

  it("writes a workflow, with mistakes in their lines, and lets it be started", () =>
    page.visit("/workflows", async (at) => {
      await press(at, "New workflow");
      const text = at.getByRole("textbox", { name: "Definition" });
      const good =
        "id: written\nname: Written here\nsteps: [{ id: Card, type: artifact, content: '{{[trigger].[x]}}' }]\n";
      await text.fill(good.replace("trigger", "Nobody"));
      await at
        .locator(".workflow-problems")
        .getByText(/^3:\d+ .*Nobody/)
        .waitFor();
      expect(await at.getByRole("button", { name: "Keep and let it start" }).isDisabled()).toBe(true);
      await press(at, "Keep as a draft");
      await at.locator(".list-row", { hasText: "written" }).getByText("draft").waitFor();
      await text.fill(good);
      await press(at, "Keep and let it start");
      await at.getByRole("heading", { name: "Written here" }).waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "workflow-editor.png"), fullPage: true });
      await at.getByLabel("Started with, as JSON").fill('{"x":1}');
      await press(at, "Run it");
      await at.locator(".panel-detail .condition", { hasText: "succeeded" }).waitFor();
      await at.goBack();
      await press(at, "Remove");
      await at.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await at.locator(".list-row", { hasText: "written" }).waitFor({ state: "detached" });
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

  it("bans after a look at what that would do, names the guard that refuses, and lifts with a reason", () =>
    page.visit("/address?q=203.0.113.9", async (at) => {
      await at.getByRole("link", { name: "Act on it" }).click();
      await at.getByRole("combobox", { name: /^Action/ }).selectOption("blocklist/ban");
      const target = at.getByLabel("Target", { exact: true });
      expect(await target.inputValue()).toBe("203.0.113.9");
      await target.fill("203.0.113.200");
      await press(at, "What would it do?");
      await at.getByText(/refuses it/).waitFor();
      expect(await at.getByRole("button", { name: "Do it" }).isDisabled()).toBe(true);
      await target.fill("203.0.113.9");
      await at.getByLabel("Minutes that it lasts").fill("30");
      await at.getByLabel("Reason", { exact: true }).fill("Guesses passwords");
      await press(at, "What would it do?");
      await at.getByText("It would be done.").waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "action-ask.png") });
      const seen = at.getByLabel("I have seen what it would do");
      if ((await seen.count()) > 0) await seen.check();
      await press(at, "Do it");
      await at.locator(".control", { hasText: "203.0.113.9" }).getByText("stands").waitFor();
      await press(at, "What stands");
      await press(at, "Lift");
      await at.getByRole("dialog").getByLabel("Reason").fill("It was us");
      await at.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
      await at.getByText("Nothing stands").waitFor();
      await press(at, "What was asked for");
      await at.getByText(/lifted by .*It was us/).waitFor();
    }));

  it("stops all actions, keeps lists, and lets a rule act once somebody has seen its past", () =>
    page.visit("/actions", async (at) => {
      await press(at, "Stop all actions");
      await at.getByRole("dialog").getByLabel("Reason").fill("Looking into it");
      await at.getByRole("dialog").getByRole("button", { name: "Stop all actions" }).click();
      await at.getByText(/kill switch is on.*Looking into it/).waitFor();
      await press(at, "Let actions go on");
      await at.getByRole("dialog").getByLabel("Reason").fill("All is well");
      await at.getByRole("dialog").getByRole("button", { name: "Let actions go on" }).click();
      await at.getByText(/kill switch is on/).waitFor({ state: "detached" });
      await press(at, "What holds back");
      const never = at.getByRole("form", { name: "Never touched" });
      await never.getByLabel("Address, network, user or host").fill("198.51.100.0/24");
      await never.getByLabel("Reason").fill("Ours");
      await never.getByRole("button", { name: "Add" }).click();
      await at.locator(".list-entries li", { hasText: "198.51.100.0/24" }).getByRole("button").click();
      await at.locator(".list-entries li", { hasText: "198.51.100.0/24" }).waitFor({ state: "detached" });
      await press(at, "Compare now");
      await at.getByText(/they agree/).waitFor();
      await press(at, "Rules that may act");
      await press(at, "What would it have done?");
      await at.getByText(/0 of 0 alerts of the last 168 h/).waitFor();
      await press(at, "Let it act");
      await at.getByText("acts", { exact: true }).waitFor();
      await press(at, "Hold it back");
      await at.getByText("only recorded", { exact: true }).waitFor();
    }));

  it.each([
    ["light", 390, "de-DE"],
    ["dark", 1280, "en-GB"],
  ] as const)("is readable and fits in %s, %d wide, %s", async (colorScheme, width, locale) => {
    const narrow = ["/jobs", "/workflows?id=ask-first", "/actions?status=history", "/actions?status=safety"];
    const wide = ["/jobs", "/notifications", "/deliveries", "/actions?status=ask"];
    for (const path of width < 700 ? narrow : wide)
      await page.visit(
        path,
        async (at) => {
          await at
            .locator(".list-row, .control, .state, .action-form, .list-entries")
            .first()
            .waitFor({ state: "attached" });
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
