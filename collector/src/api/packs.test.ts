import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@vedette/core/config";
import { manualClock } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAudit } from "../control/index.ts";
import { loadRules, type Rule } from "../detect/index.ts";
import { buildPack, newSigningKey, PackStore, packBytes, rulePaths, signPack } from "../packs/index.ts";
import { type ApiFixture, startApi } from "./testing/fixture.ts";

const start = Date.UTC(2026, 5, 1);
const clock = manualClock(start);
const [ours, theirs] = [newSigningKey(), newSigningKey()];
const folder = mkdtempSync(join(tmpdir(), "vedette-api-packs-"));

const packOf = (sequence: number, { by = ours, text = "" } = {}): string => {
  const rule = `name: Rule ${sequence}\ndataTypes: [sshd]\nwhere: "true"\n${text}`;
  const head = { name: "acme", version: `1.${sequence}`, sequence, description: "Logins" };
  const times = {
    created: new Date(start).toISOString(),
    expires: new Date(start + 86_400_000).toISOString(),
  };
  const pack = buildPack({ ...head, ...times }, [{ path: "rules/a.yaml", bytes: Buffer.from(rule) }]);
  return packBytes(signPack(pack, createPrivateKey(by.privatePem))).toString("base64");
};

interface Told {
  readonly [name: string]: unknown;
}

describe("packs of rules over the API", () => {
  let api: ApiFixture;
  let rules: readonly Rule[] = [];
  let fault: Error | undefined;

  beforeAll(async () => {
    const trusted = [{ key: ours.publicKey, packs: ["*"] }];
    const packs = new PackStore({ folder, trusted, maxBytes: 1 << 20 }, clock);
    const reload = async () => {
      if (fault) throw fault;
      rules = loadRules((await packs.all()).flatMap(({ dir }) => rulePaths(dir))).rules;
      const counts = { added: 0, changed: 0, removed: 0 };
      const lists = { added: [], changed: [], removed: [], warnings: [] };
      return { rules: rules.length, files: 1, filesCompiled: 1, counts, ...lists, ms: 1 };
    };
    const book = {
      get rules() {
        return rules;
      },
      reload,
    };
    api = await startApi({ clock, packs, rules: book });
  });
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (path: string, body: object, key?: string): Promise<{ status: number; told: Told }> => {
    const headers = { "content-type": "application/json", ...(key && { "x-api-key": key }) };
    const answer = await api.get(`/api/v1/packs${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, told: (await answer.json()) as Told };
  };
  const get = async (path = ""): Promise<Told> =>
    (await api.get(`/api/v1/packs${path}`)).json() as Promise<Told>;

  it("are looked at, installed, and run at once", async () => {
    expect(await get()).toEqual({ items: [], next: null });
    expect((await post("/check", { pack: packOf(1) })).told).toMatchObject({
      ...{ name: "acme", version: "1.1", sequence: 1, lower: false, signedBy: ours.publicKey },
      files: [{ path: "rules/a.yaml" }],
    });
    expect(await get()).toMatchObject({ items: [] });
    expect((await post("", { pack: packOf(1) })).told).toMatchObject({
      outcome: "installed",
      rules: 1,
      runs: true,
    });
    expect(await get()).toMatchObject({ items: [{ name: "acme", state: "good", sequence: 1, rules: 1 }] });
    expect((await post("", { pack: packOf(2), reload: false })).told).toMatchObject({
      ...{ outcome: "installed", runs: false, before: { version: "1.1", sequence: 1 } },
    });
    await post("", { pack: packOf(2) });
    expect(await get("/acme")).toMatchObject({
      ...{ highest: 2, running: [{ name: "Rule 2", file: "rules/a.yaml" }], kept: [{ sequence: 1 }] },
      history: [
        { action: "install", sequence: 1, by: "local" },
        { action: "install", sequence: 2 },
      ],
    });
  });

  it("refuse what nobody trusted signed, what is older without a reason, and what is no pack", async () => {
    for (const [body, why] of [
      [{ pack: packOf(3, { by: theirs }) }, "of a trusted key"],
      [{ pack: packOf(1) }, "lower than 2"],
      [{ pack: Buffer.from("no pack").toString("base64") }, "no pack of the format"],
      [{ pack: packOf(3, { text: "where: 'nonsense('" }) }, "cannot run here"],
    ] as const) {
      const { status, told } = await post("", body);
      expect([status, told["detail"]], why).toEqual([422, expect.stringContaining(why)]);
    }
    expect((await post("", { pack: "%" })).status).toBe(400);
    expect((await post("", { pack: packOf(1), rollback: "  " })).status).toBe(400);
    expect(await get("/acme")).toMatchObject({ sequence: 2, running: [{ name: "Rule 2" }] });
    expect((await api.get("/api/v1/packs/nobody")).status).toBe(404);
  });

  it("go back to what is kept, with the reason in the audit trail", async () => {
    expect((await post("/acme/rollback", { sequence: 1 })).status).toBe(400);
    expect((await post("/acme/rollback", { sequence: 7, reason: "x" })).status).toBe(422);
    const back = await post("/acme/rollback", { sequence: 1, reason: "Too loud" });
    expect(back.told).toMatchObject({ outcome: "rolled back", sequence: 1, runs: true });
    expect(await get("/acme")).toMatchObject({
      ...{ sequence: 1, highest: 2, running: [{ name: "Rule 1" }], kept: [{ sequence: 2 }] },
    });
    const entries = await readAudit(api.alerting.database, { limit: 10 });
    expect(entries.find(({ action }) => action === "packs.rollback")).toMatchObject({
      ...{ author: "local", subject: "acme", detail: { reason: "Too loud", sequence: 1 } },
    });
  });

  it("say where rules could not be read again, and go with a reason", async () => {
    fault = new ConfigError([
      { file: "b.yaml", line: 3, column: 1, path: "", message: "Two rules are one." },
    ]);
    const { told } = await post("", { pack: packOf(4) });
    expect(told).toMatchObject({
      outcome: "installed",
      runs: false,
      problem: expect.stringContaining("b.yaml:3"),
    });
    fault = undefined;
    expect((await post("/acme/remove", {})).status).toBe(400);
    expect((await post("/acme/remove", { reason: "Not ours" })).told).toEqual({ runs: true });
    expect(await get()).toEqual({ items: [], next: null });
    expect(rules).toEqual([]);
    expect((await post("/acme/remove", { reason: "Again" })).status).toBe(404);
  });

  it("are changed by admins only, and read by readers", async () => {
    const { secret: admin } = await api.keys.create({ name: "root", scopes: ["admin"] });
    const { secret: worker } = await api.keys.create({ name: "worker", scopes: ["operate"] });
    expect((await post("", { pack: packOf(5) }, worker)).status).toBe(403);
    expect((await post("/check", { pack: packOf(5) }, worker)).status).toBe(403);
    expect((await post("", { pack: packOf(5) }, admin)).status).toBe(200);
    const seen = await api.get("/api/v1/packs/acme", { headers: { "x-api-key": worker } });
    expect(await seen.json()).toMatchObject({
      history: expect.arrayContaining([expect.objectContaining({ by: "root" })]),
    });
  });
});
