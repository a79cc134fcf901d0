import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectorConfig } from "./config/index.ts";
import type { Rule } from "./detect/index.ts";
import { RuleBook } from "./rule-book.ts";
import { ruleReading } from "./rules.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-rules-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Writes a file as if that had been long ago, so that its times tell when it changes. */
function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
}
const age = (name: string, seconds: number): void => utimesSync(join(dir, name), seconds, seconds);

const sigma = (id: string, user: string): string =>
  `title: ${id}\nid: ${id}\nlogsource: { product: linux, service: sshd }\ndetection: { who: { origin.user: ${user} }, condition: who }\n`;
const plain = (name: string, where: string): string =>
  `name: ${name}\ndataTypes: [sshd]\nwhere: '${where}'\n`;
const filter =
  "title: f\nlogsource: { product: linux }\nfilter: { rules: [b], ours: { origin.ip: 192.0.2.1 }, condition: not ours }\n";

const noPacks = async () => ({ rules: [], warnings: [] });

async function opened(fail: { next?: Error } = {}) {
  const config = collectorConfig.parse({ rules: [dir], builtinRules: false });
  const deps = { clock: manualClock(0), log: recordingLogger() };
  const book = await RuleBook.open({ ...deps, read: ruleReading(config, "/", () => undefined, noPacks) });
  const taken: (readonly Rule[])[] = [];
  book.runBy({
    async reload(rules) {
      if (fail.next) throw fail.next;
      taken.push(rules);
    },
  });
  const reload = async () => {
    const { filesCompiled, added, changed, removed } = await book.reload();
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id).sort();
    return { filesCompiled, added: ids(added), changed: ids(changed), removed: ids(removed) };
  };
  return { book, reload, taken };
}

describe("rules that are read again", () => {
  it("compile only what changed, and tell what that was", async () => {
    write("a.yaml", sigma("a", "root"));
    write("b.yaml", `${sigma("b", "root")}---\n${sigma("c", "root")}`);
    write("d.yaml", plain("d", 'exists("id")'));
    const { book, reload, taken } = await opened();
    const nothing = { filesCompiled: 0, added: [], changed: [], removed: [] };
    expect(await reload()).toEqual(nothing);
    const [first] = taken;
    // The same content with other times: read, but not compiled.
    age("a.yaml", 1_000);
    expect(await reload()).toEqual(nothing);
    write("b.yaml", `# said\n${sigma("b", "root")}---\n${sigma("c", "admin")}`);
    expect(await reload()).toEqual({ ...nothing, filesCompiled: 1, changed: ["c"] });
    expect(taken.at(-1)!.find(({ id }) => id === "a")).toBe(first!.find(({ id }) => id === "a"));
    expect(taken.at(-1)!.find(({ id }) => id === "b")!.place.line).toBe(2);
    write("d.yaml", plain("e", 'exists("id")'));
    expect(await reload()).toEqual({ ...nothing, filesCompiled: 1, added: ["e"], removed: ["d"] });
    // A filter changes the rules that it is for, though their files are as they were.
    write("f.yaml", filter);
    expect(await reload()).toEqual({ ...nothing, filesCompiled: 1, changed: ["b"] });
    rmSync(join(dir, "b.yaml"));
    expect(await reload()).toEqual({ ...nothing, removed: ["b", "c"] });
    expect(book.rules.map(({ id }) => id).sort()).toEqual(["a", "e"]);
  });

  it("see a change that leaves size and time as they were", async () => {
    write("a.yaml", sigma("a", "root"));
    const { reload } = await opened();
    write("a.yaml", sigma("a", "toor"));
    age("a.yaml", 1_000);
    expect((await reload()).changed).toEqual(["a"]);
    write("a.yaml", sigma("a", "root"));
    age("a.yaml", 1_000);
    expect((await reload()).changed).toEqual(["a"]);
  });

  it("stay as they were where one is wrong, or nobody takes them over", async () => {
    write("a.yaml", sigma("a", "root"));
    const fail: { next?: Error } = {};
    const { book, reload } = await opened(fail);
    write("b.yaml", plain("b", "exists("));
    // The mistake is told each time, though its file is remembered.
    for (let time = 0; time < 2; time++) await expect(reload()).rejects.toThrow(/b\.yaml:3:\d+: where:/);
    write("b.yaml", plain("b", 'exists("id")'));
    fail.next = new Error("no store");
    await expect(reload()).rejects.toThrow("no store");
    expect(book.rules.map(({ id }) => id)).toEqual(["a"]);
    delete fail.next;
    const [one, other] = await Promise.allSettled([reload(), reload()]);
    expect(one).toMatchObject({ status: "fulfilled", value: { added: ["b"] } });
    expect(other).toMatchObject({ status: "rejected", reason: { verdict: { verdict: "retry" } } });
  });
});
