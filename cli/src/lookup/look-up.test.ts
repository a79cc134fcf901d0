import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lookUp } from "./look-up.ts";

it("says which lists of a configuration hold a value, and which list could not be read", async () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-lookup-"));
  try {
    writeFileSync(join(dir, "bad.txt"), "203.0.113.0/24\nevil.example.org\n");
    writeFileSync(join(dir, "one.csv"), "why,ip\nscan,203.0.113.7\n");
    const lists = [
      { name: "bad", file: "bad.txt" },
      { name: "one", file: "one.csv", format: "csv", column: 2 },
      { name: "gone", file: "missing.txt" },
      { name: "never-fetched", url: "https://lists.example.org/a.txt" },
    ];
    const file = join(dir, "vedette.yaml");
    writeFileSync(file, JSON.stringify({ collector: { intel: { lists } } }));
    const { answers, lists: read } = await lookUp(["203.0.113.7", "x.evil.example.org", "192.0.2.1"], file);
    expect(answers.map((each) => each.lists)).toEqual([["bad", "one"], ["bad"], []]);
    expect(read.map(({ entries, problem }) => [entries, problem !== undefined])).toEqual([
      [2, false],
      [1, false],
      [0, true],
      [0, false],
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
