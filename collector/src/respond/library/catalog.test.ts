import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@vedette/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ControlDatabase, openControlDatabase } from "../../control/index.ts";
import { WorkflowCatalog } from "./catalog.ts";

const step = "steps: [{ id: S, type: artifact, content: x }]";
const yaml = (id: string, more = step): string => `id: ${id}\nname: ${id}\n${more}\n`;

describe("the catalog of workflows", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-catalog-"));
  const file = join(dir, "filed.yaml");
  let database: ControlDatabase;
  const open = (): WorkflowCatalog =>
    new WorkflowCatalog({
      ...{ database, clock: systemClock, paths: [file] },
      known: { actions: new Set(["http.request"]) },
    });

  beforeAll(async () => {
    writeFileSync(file, yaml("filed"));
    database = await openControlDatabase({ kind: "sqlite", dir: join(dir, "control") });
  });
  afterAll(async () => {
    await database.destroy();
    rmSync(dir, { recursive: true, force: true });
  });

  it("keeps drafts with mistakes, and lets only those without be active", async () => {
    const catalog = open();
    const wrong = yaml("kept", "steps: [{ id: S, type: artifact, content: '{{[Nobody].[x]}}' }]");
    const draft = await catalog.put({ id: "kept", yaml: wrong, version: 0, active: false, by: "anna" });
    expect(draft).toMatchObject({
      ...{ version: 1, active: false },
      problems: [{ file: "workflow kept", line: 3, message: expect.stringContaining("Nobody") }],
    });
    expect([...catalog.current.keys()]).toEqual(["filed"]);
    const put = (text: string, version: number) =>
      catalog.put({ id: "kept", yaml: text, version, active: true, by: "anna" });
    await expect(put(wrong, 1)).rejects.toThrow(/workflow kept:3:\d+.*Nobody/);
    await expect(put(yaml("other"), 1)).rejects.toThrow(/kept as kept/);
    await expect(put("- id: [", 1)).rejects.toThrow(/workflow kept:1/);
    await expect(put(yaml("kept"), 0)).rejects.toThrow(/at version 1 by now, not 0/);
    await put(yaml("kept"), 1);
    expect([...catalog.current.keys()]).toEqual(["filed", "kept"]);
  });

  it("looks at a draft beside what is there without reading that again", async () => {
    const catalog = open();
    await catalog.refresh(true);
    const calls = (id: string) => yaml("draft", `steps: [{ id: S, type: workflow, workflow: ${id} }]`);
    expect(catalog.check("draft", calls("filed"))).toEqual([]);
    expect(catalog.check("draft", calls("kept"))).toEqual([]);
    expect(catalog.check("draft", calls("nobody"))).toMatchObject([
      { message: expect.stringContaining("nobody") },
    ]);
    expect(catalog.check("filed", yaml("filed"))).toMatchObject([
      { message: expect.stringContaining("is in") },
    ]);
    // What it costs does not grow with what is there.
    const filed = Array.from(
      { length: 300 },
      (_, at) => `- ${yaml(`many-${at}`).replaceAll("\n", "\n  ").trim()}`,
    );
    const many = join(dir, "many.yaml");
    writeFileSync(many, `${filed.join("\n")}\n`);
    const large = new WorkflowCatalog({
      ...{ database, clock: systemClock, paths: [many], known: { actions: new Set(["http.request"]) } },
    });
    const spent = (of: WorkflowCatalog): number => {
      const before = process.cpuUsage().user;
      for (let at = 0; at < 20; at++) of.check("draft", yaml("draft"));
      return (process.cpuUsage().user - before) / 1_000;
    };
    const few = Math.min(...[0, 1, 2].map(() => spent(catalog)));
    const all = Math.min(...[0, 1, 2].map(() => spent(large)));
    expect(all).toBeLessThan(few * 20 + 50);
    rmSync(many);
  });

  it("refuses what a file has, and a file that comes later holds", async () => {
    const catalog = open();
    await catalog.refresh(true);
    const filed = { id: "filed", yaml: yaml("filed"), version: 0, active: true, by: "anna" };
    await expect(catalog.put(filed)).rejects.toThrow(/is in a file/);
    writeFileSync(
      file,
      `- ${yaml("filed").replaceAll("\n", "\n  ").trim()}\n- ${yaml("kept").replaceAll("\n", "\n  ").trim()}\n`,
    );
    catalog.prepareFiles()();
    expect(catalog.isFiled("kept")).toBe(true);
    expect(catalog.stored).toMatchObject([
      { id: "kept", problems: [{ message: expect.stringContaining("is in") }] },
    ]);
    writeFileSync(file, yaml("filed", "steps: nonsense"));
    expect(() => catalog.prepareFiles()).toThrow(/filed\.yaml:3/);
    expect([...catalog.current.keys()]).toEqual(["filed", "kept"]);
    writeFileSync(file, yaml("filed"));
  });

  it("sees what another collector changed, and tells the audit trail", async () => {
    const [one, other] = [open(), open()];
    await one.refresh(true);
    await other.refresh(true);
    await one.put({ id: "shared", yaml: yaml("shared"), version: 0, active: true, by: "bob" });
    expect(await other.refresh(true)).toBe(true);
    expect(other.current.has("shared")).toBe(true);
    expect(await other.refresh(true)).toBe(false);
    expect(await other.remove("shared", "carol")).toBe(true);
    expect(await other.remove("shared", "carol")).toBe(false);
    await one.refresh(true);
    expect(one.current.has("shared")).toBe(false);
    const trail = await database
      .selectFrom("audit")
      .select(["author", "action", "subject"])
      .orderBy("seq")
      .execute();
    expect(trail.slice(-2)).toEqual([
      { author: "bob", action: "workflow.create", subject: "shared" },
      { author: "carol", action: "workflow.remove", subject: "shared" },
    ]);
  });
});
