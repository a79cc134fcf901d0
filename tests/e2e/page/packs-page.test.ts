import { createPrivateKey } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPack, newSigningKey, packBytes, signPack } from "../../../collector/src/packs/index.ts";
import { chromiumPath, lowContrast, nameless, type Page, type ServedPage, servePage } from "./support.ts";

const pictures = process.env["VEDETTE_PICTURES"];
const [ours, theirs] = [newSigningKey(), newSigningKey()];

// The same sequence is the same pack, also when it is made twice.
const now = Date.now();

const packOf = (sequence: number, { privatePem } = ours) => {
  const rule = (name: string) => `name: ${name} ${sequence}\ndataTypes: [sshd]\nwhere: "true"\n`;
  const pack = buildPack(
    {
      ...{
        name: "acme",
        version: `1.${sequence}.0`,
        sequence,
        description: "Logins to the machines of Acme.",
      },
      ...{ created: new Date(now).toISOString(), expires: new Date(now + 3_600_000).toISOString() },
    },
    [
      { path: "rules/logins.yaml", bytes: Buffer.from(rule("Login at night")) },
      { path: "rules/roots.yaml", bytes: Buffer.from(rule("Root over the network")) },
      { path: "README.md", bytes: Buffer.from("# Acme\n") },
    ],
  );
  const buffer = packBytes(signPack(pack, createPrivateKey(privatePem)));
  return { name: `acme-${sequence}.vpack`, mimeType: "application/octet-stream", buffer };
};

describe.skipIf(chromiumPath === undefined)("packs of rules on the page (skipped without Chromium)", () => {
  let page: ServedPage;
  beforeAll(async () => {
    if (pictures) mkdirSync(pictures, { recursive: true });
    page = await servePage({ packs: { trusted: [{ key: ours.publicKey }] } });
  });
  afterAll(() => page?.close());

  const press = (at: Page, name: string) => at.getByRole("button", { name, exact: true }).click();
  const choose = (at: Page, ...of: Parameters<typeof packOf>) =>
    at.getByLabel("File (.vpack)").setInputFiles(packOf(...of));

  /** Reading all rules again takes its time where the machine has other things to do. */
  const installed = (at: Page) => at.getByText("acme is installed; 2 rules.").waitFor({ timeout: 60_000 });

  it("looks at a file, says why one is refused, installs another and runs its rules", () =>
    page.visit("/plugins", async (at) => {
      await at.getByRole("link", { name: "Rule packs" }).click();
      await at.getByText("No packs are installed").waitFor();
      await press(at, "Install a pack");
      await choose(at, 1, theirs);
      await at
        .getByRole("alert")
        .getByText(/of a trusted key/)
        .waitFor();
      await choose(at, 1);
      await at.getByText("Not installed before").waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "pack-look.png") });
      await press(at, "Install it and run its rules");
      await installed(at);
      await choose(at, 2);
      await at.getByText("Takes the place of 1.1.0 (sequence 1)").waitFor();
      await press(at, "Install it and run its rules");
      await installed(at);
      await at.locator(".list-row", { hasText: "acme" }).click();
      await at.getByText("Root over the network 2").waitFor();
      await at.getByText(ours.publicKey).waitFor();
      if (pictures) await at.screenshot({ path: join(pictures, "pack.png"), fullPage: true });
    }));

  it("goes back with a reason, to what is kept and by a file, and takes it away", () =>
    page.visit("/packs?id=acme", async (at) => {
      await press(at, "Switch to it");
      const dialog = at.getByRole("dialog");
      await dialog.getByLabel("Reason").fill("7 alerts on every login");
      await dialog.getByRole("button", { name: "Switch to it" }).click();
      await at.getByText("Root over the network 1").waitFor({ timeout: 60_000 });
      await at.getByText(/7 alerts on every login/).waitFor();
      await press(at, "Install a pack");
      await choose(at, 2);
      await press(at, "Install it and run its rules");
      await installed(at);
      await choose(at, 1);
      await at.getByText("It is older than one that was installed before. Say why.").waitFor();
      expect(await at.getByRole("button", { name: "Install it and run its rules" }).isDisabled()).toBe(true);
      await at.getByLabel(/It is older/).fill("Too loud");
      await press(at, "Install it and run its rules");
      await installed(at);
      expect(await page.get("/packs")).toMatchObject({ items: [{ sequence: 1, rules: 2 }] });
      expect(await page.get("/audit?limit=1")).toMatchObject({
        items: [{ action: "packs.rollback", detail: { reason: "Too loud" } }],
      });
    }));

  it.each([
    ["light", 390, "de-DE"],
    ["dark", 1280, "en-GB"],
  ] as const)("is readable and fits in %s, %d wide, %s", async (colorScheme, width, locale) => {
    for (const path of ["/packs", "/packs?id=acme", "/packs?id=%2B"])
      await page.visit(
        path,
        async (at) => {
          await at.locator(".panel-list").getByText("acme").first().waitFor({ state: "attached" });
          await at.waitForLoadState("networkidle");
          if (pictures)
            await at.screenshot({
              path: join(pictures, `packs-${colorScheme}-${path.length}.png`),
              fullPage: true,
            });
          expect(await at.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
          expect(await at.evaluate(nameless)).toEqual([]);
          expect(await at.evaluate(lowContrast)).toEqual([]);
        },
        { colorScheme, locale, viewport: { width, height: 800 } },
      );
  });

  it("takes it away with a reason", () =>
    page.visit("/packs?id=acme", async (at) => {
      await press(at, "Take it away");
      await at.getByRole("dialog").getByLabel("Reason").fill("Not ours");
      await at.getByRole("dialog").getByRole("button", { name: "Take it away" }).click();
      await at.getByText("No packs are installed").waitFor({ timeout: 60_000 });
    }));
});
