import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, lowContrast, nameless, type Page, type ServedPage, servePage } from "./support.ts";

if (chromiumPath === undefined && process.env["CI"] === "true")
  throw new Error("The tests of the page need Chromium: install it or set CHROMIUM_PATH.");

const secret = "hunter2-of-the-mail";

describe.skipIf(chromiumPath === undefined)("connections on the page (skipped without Chromium)", () => {
  let page: ServedPage;
  beforeAll(async () => {
    page = await servePage();
  });
  afterAll(() => page?.close());

  const asked = (at: Page, label: string) => at.getByLabel(label, { exact: true });
  const press = (at: Page, name: string) => at.getByRole("button", { name, exact: true }).click();
  const stored = () => page.get<{ version: number; settings: Record<string, unknown> }>("/connections/prod");
  const set = { set: true };

  it("are made with credentials of every kind, and what is missing is said at its place", () =>
    page.visit("/plugins", async (at) => {
      await at.getByRole("link", { name: "Connections" }).click();
      await press(at, "New connection");
      await asked(at, "Kind").selectOption("all_kinds/mail");
      await asked(at, "Host").fill("bad");
      await asked(at, "User name").fill("me");
      await press(at, "Save");
      await at.locator('.field[data-key="login.password"]').getByText("This is needed.").waitFor();
      await expect
        .poll(() => asked(at, "Name").evaluate((node) => node === document.activeElement))
        .toBe(true);
      await asked(at, "Name").fill("not a name!");
      await asked(at, "Password").fill(secret);
      await press(at, "Save");
      await at.locator(".field[data-key=name] .field-problem").waitFor();
      await asked(at, "Name").fill("prod");
      await asked(at, "Port").fill("25");
      await asked(at, "To").fill("a@example.com\nb@example.com");
      for (const [label, value] of [
        ["Secret key", "s"],
        ["Token", "t"],
        ["Private key", "-----BEGIN\nx"],
        ["Word", "w"],
        ["Bytes", "AAEC"],
      ] as const)
        await asked(at, label).fill(value);
      const file = join(page.dir, "account.json");
      writeFileSync(file, "{}");
      await asked(at, "Account file").setInputFiles(file);
      await asked(at, "way").selectOption("fixed");
      await asked(at, "address").fill("proxy.example.com");
      await press(at, "Save");
      await at.getByRole("heading", { name: "prod" }).waitFor();
      expect(await stored()).toMatchObject({
        version: 1,
        settings: {
          ...{
            host: "bad",
            port: 25,
            tls: true,
            to: ["a@example.com", "b@example.com"],
            word: set,
            bytes: set,
          },
          ...{
            login: { username: "me", password: set },
            secretKey: { secretKey: set },
            token: { token: set },
          },
          ...{ key: { privateKey: set }, file: { filename: "account.json", content: set } },
          proxy: { way: "fixed", address: "proxy.example.com" },
        },
      });
      expect(await at.content()).not.toContain(secret);
    }));

  it("are tested as they are typed and as they are stored", () =>
    page.visit("/connections?id=prod", async (at) => {
      const said = at.locator(".outcome");
      // The answer waits until it was seen that it is waited for.
      const seen = Promise.withResolvers<void>();
      await at.route("**/api/v1/connections/prod/test", async (route) => {
        await seen.promise;
        await route.continue();
      });
      await press(at, "Test");
      await said.getByText("Testing …").waitFor();
      seen.resolve();
      await said.getByText("There is no bad.").waitFor();
      await at.locator(".message", { hasText: "There is no bad." }).waitFor();
      await at.locator(".list-row .condition", { hasText: "error" }).waitFor();
      await asked(at, "Host").fill("good");
      await press(at, "Test");
      await said.getByText("It answers.").waitFor();
      expect((await stored()).settings["host"]).toBe("bad");
      await press(at, "Save");
      await at.getByRole("status").getByText("Saved.").waitFor();
      await at.locator(".message", { hasText: "It was changed since." }).waitFor();
    }));

  it("keep secrets that were not touched, lose those that were cleared, and change their way", () =>
    page.visit("/connections?id=prod", async (at) => {
      await press(at, "Clear: Word");
      await press(at, "Clear: Account file");
      await press(at, "Clear: Secret key");
      await asked(at, "way").selectOption("script");
      await asked(at, "script").fill("http://proxy.example.com/pac");
      await press(at, "Save");
      await at.getByRole("status").getByText("Saved.").waitFor();
      const { settings } = await stored();
      expect(Object.keys(settings).sort()).toEqual(
        ["bytes", "host", "key", "login", "port", "proxy", "tls", "to", "token"].sort(),
      );
      expect(settings).toMatchObject({
        login: { username: "me", password: set },
        proxy: { way: "script", script: "http://proxy.example.com/pac" },
      });
    }));

  it("are not changed over somebody else's change", () =>
    page.visit("/connections?id=prod", async (at) => {
      await asked(at, "Host").fill("mine");
      const { version, settings } = await stored();
      const theirs = { version, settings: { ...settings, host: "theirs" } };
      expect((await page.send("PUT", "/connections/prod", theirs)).status).toBe(200);
      await press(at, "Save");
      await at
        .getByRole("alert")
        .getByText(/Look at it again/)
        .waitFor();
      expect((await stored()).settings["host"]).toBe("theirs");
      await press(at, "Refresh");
      await expect
        .poll(async () => {
          await press(at, "Save");
          return (await stored()).settings["host"];
        })
        .toBe("mine");
    }));

  it.each(["light", "dark"] as const)(
    "have readable colours and names in %s, also on a narrow screen",
    (colorScheme) =>
      page.visit(
        "/connections?id=prod",
        async (at) => {
          await asked(at, "Host").waitFor();
          expect(await at.evaluate(lowContrast)).toEqual([]);
          expect(await at.evaluate(nameless)).toEqual([]);
          await press(at, "Sprache: Deutsch");
          await at.setViewportSize({ width: 390, height: 800 });
          await at.getByRole("link", { name: "Überblick" }).waitFor();
          expect(await at.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
        },
        { colorScheme },
      ),
  );

  it("stay while something uses them, which is said", async () => {
    const held = { name: "held", plugin: "holding", kind: "line", settings: { number: "1" } };
    await page.send("POST", "/connections", held);
    await until("it to be in hand", async () => {
      const { status } = await page.send("DELETE", "/connections/held", {});
      if (status === 204) await page.send("POST", "/connections", held);
      return status === 409;
    });
    await page.visit("/connections?id=held", async (at) => {
      await press(at, "Remove");
      await at.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
      await at
        .getByRole("alert")
        .getByText(/in use: .*holding/i)
        .waitFor();
    });
  });

  it("go after a question", () =>
    page.visit("/connections?id=prod", async (at) => {
      await press(at, "Remove");
      await press(at, "Keep it");
      await press(at, "Remove");
      await at.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
      await at.locator(".list-row", { hasText: "prod" }).waitFor({ state: "detached" });
      await expect.poll(async () => (await page.send("GET", "/connections/prod")).status).toBe(404);
    }));
});
