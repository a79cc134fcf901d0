import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, blocksOf } from "./readme/blocks.ts";
import { type Ran, Terminal } from "./readme/terminal.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const blocks = blocksOf(readFileSync(join(root, "README.md"), "utf8"));
const RETRY_MS = 120_000;

/** What may stand in the way on this machine is put in place of what the page says: ports, and the other host's address. */
const replaced = new Map([
  ["10.0.0.5", "127.0.0.1"],
  ["0.0.0.0", "127.0.0.1"],
]);
const here = (text: string): string => {
  let result = text;
  for (const [from, to] of replaced) result = result.replaceAll(from, to);
  return result;
};

const expectOutput = (block: Block, { stdout }: Ran, exact: boolean): void => {
  if (block.language === "json") expect(JSON.parse(stdout)).toEqual(JSON.parse(block.text));
  else if (exact) expect(stdout.trim()).toBe(here(block.text).trim());
  else expect(stdout.trim().startsWith(here(block.text).trim()), stdout).toBe(true);
};

/** The blocks as steps: an output belongs to the script before it. */
const steps = blocks.flatMap((block, at) => {
  if (block.use.kind === "output" || block.use.kind === "skip") return [];
  const next = blocks[at + 1];
  return [
    {
      name: `line ${block.line}: ${block.text.trim().split("\n")[0]}`,
      block,
      output: next?.use.kind === "output" ? next : undefined,
    },
  ];
});

describe("the README runs as written", () => {
  // As a checkout is seen from inside, but what the samples write goes elsewhere.
  const folder = mkdtempSync(join(tmpdir(), "vedette-readme-"));
  const { PATH = "", HOME = folder } = process.env;
  const terminal = new Terminal(folder, { PATH, HOME, LANG: "C.UTF-8" });

  beforeAll(async () => {
    for (const name of ["vedette", "package.json", "scripts"])
      symlinkSync(join(root, name), join(folder, name));
    for (const port of ["8601", "8800", "8801"]) replaced.set(`:${port}`, `:${await freePort()}`);
  });

  afterAll(async () => {
    await terminal.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (block: Block, output: Block | undefined): Promise<void> => {
    const ran = await terminal.run(here(block.text));
    expect(ran.code, ran.stderr).toBe(0);
    if (output?.use.kind === "output") expectOutput(output, ran, output.use.exact);
  };

  const runUntilGood = async (block: Block, output: Block | undefined): Promise<void> => {
    for (const deadline = Date.now() + RETRY_MS; ; await pause(250)) {
      try {
        await run(block, output);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  };

  it.each(steps)("$name", async ({ block, output }) => {
    const { use } = block;
    if (use.kind === "file") writeFileSync(join(folder, use.name), here(block.text));
    else if (use.kind === "retry") await runUntilGood(block, output);
    else if (use.kind === "background") {
      if (use.alone) await terminal.stop();
      const said = await terminal.start(here(block.text), use.until);
      const port = /Open http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined && !replaced.has(":8600")) {
        replaced.set(":8600", `:${port}`);
        terminal.setEnv("VEDETTE_URL", `http://127.0.0.1:${port}`);
      }
    } else await run(block, output);
  });
});
