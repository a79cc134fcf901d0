import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../scripts/bootstrap/lock.mjs";
import { causeIn, Problem } from "../../scripts/bootstrap/problem.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-bootstrap-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the set-up's lock", () => {
  it("lets one at a time work", async () => {
    const said: string[] = [];
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      for (let i = 0; i < 20; i++) await turn();
      inside -= 1;
    };
    const say = (line: string): void => void said.push(line);
    await Promise.all([1, 2, 3].map(() => withLock(folder, work, { say })));
    expect(most).toBe(1);
    expect(said[0]).toBe(
      `Another start (process ${process.pid}) is setting up this checkout; waiting for it.`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["a process that is gone", { pid: 2 ** 22 - 3, host: hostname() }, 0],
    ["one on another host that shows no life", { pid: 1, host: "elsewhere" }, 60_000],
  ])("is taken over from %s", async (_, holder, silentMs) => {
    const file = join(folder, "lock");
    writeFileSync(file, JSON.stringify(holder));
    const then = new Date(Date.now() - silentMs);
    utimesSync(file, then, then);
    expect(await withLock(folder, async () => "done", { patienceMs: 0 })).toBe("done");
  });

  it("gives up on one that lives on and on, and is free again after a failure", async () => {
    const refused = withLock(folder, () =>
      withLock(folder, async () => {}, { patienceMs: 1, say: () => {} }),
    );
    await expect(refused).rejects.toThrow(Problem);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a failure", () => {
  it.each([
    ["npm error code ENOSPC", "The disk is full"],
    ["EROFS: read-only file system, mkdir", "read-only file system"],
    ["npm error code EACCES", "may not be written by this user"],
    ["getaddrinfo EAI_AGAIN", "did not answer"],
    ["npm error code E404", "does not have a package"],
    ["EINTEGRITY sha512-", "does not match its checksum"],
    ["ERR_PNPM_OUTDATED_LOCKFILE", "disagree"],
  ])("%s is put in words", (output, words) => {
    expect(causeIn(output)).toContain(words);
  });
});

describe("the launcher", () => {
  /** A checkout that is ready, whose command tells what it was called with. */
  const checkout = (): string => {
    for (const path of ["node_modules", ".tools", "cli/src", "scripts"])
      mkdirSync(join(folder, "v", path), { recursive: true });
    cpSync(join(root, "vedette"), join(folder, "v", "vedette"));
    cpSync(join(root, "scripts", "bootstrap"), join(folder, "v", "scripts", "bootstrap"), {
      recursive: true,
    });
    cpSync(join(root, "scripts", "bootstrap.mjs"), join(folder, "v", "scripts", "bootstrap.mjs"));
    for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
      cpSync(join(root, file), join(folder, "v", file));
    const past = new Date(Date.now() - 60_000);
    for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
      utimesSync(join(folder, "v", file), past, past);
    writeFileSync(join(folder, "v", "node_modules", ".modules.yaml"), "");
    writeFileSync(
      join(folder, "v", "cli", "src", "main.ts"),
      "const args: readonly string[] = process.argv.slice(2);\nconsole.log(JSON.stringify([args, process.cwd()]));\nprocess.exitCode = 3;\n",
    );
    writeFileSync(join(folder, "v", ".tools", "runtime"), `${process.execPath}\n`);
    return join(folder, "v");
  };

  const run = (file: string, cwd: string, path: string) =>
    spawnSync(file, ["process", "a b", "*", "--x=$y"], { cwd, env: { PATH: path }, encoding: "utf8" });

  it("starts at once from any folder and through links, with arguments and exit code untouched", () => {
    const home = checkout();
    mkdirSync(join(folder, "bin"));
    symlinkSync("../v/vedette", join(folder, "bin", "first"));
    symlinkSync(join(folder, "bin", "first"), join(folder, "bin", "vedette"));
    for (const file of [join(home, "vedette"), join(folder, "bin", "vedette"), "vedette"]) {
      const { status, stdout, stderr } = run(file, tmpdir(), `${join(folder, "bin")}:/usr/bin:/bin`);
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual([["process", "a b", "*", "--x=$y"], tmpdir()]);
      expect(status).toBe(3);
    }
  });

  it("goes through the set-up when the lock file changed, which says what is missing on stderr alone", () => {
    const home = checkout();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(home, "pnpm-lock.yaml"), later, later);
    mkdirSync(join(folder, "bin"));
    symlinkSync(process.execPath, join(folder, "bin", "node"));
    // No npm, as on a machine where Node was copied in.
    for (const name of ["find", "readlink", "sh"]) {
      const found = ["/usr/bin", "/bin"]
        .map((each) => join(each, name))
        .find((each) => spawnSync("test", ["-x", each]).status === 0);
      if (found !== undefined) symlinkSync(found, join(folder, "bin", name));
    }
    const { status, stdout, stderr } = run(join(home, "vedette"), folder, join(folder, "bin"));
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("The program npm was not found. Install it (npm comes with Node.js)");
  });

  it("says so when there is no Node at all", () => {
    const home = checkout();
    writeFileSync(join(home, ".tools", "runtime"), "/nowhere/node\n");
    chmodSync(join(home, "vedette"), 0o755);
    const { status, stderr } = spawnSync("/bin/sh", [join(home, "vedette")], {
      env: { PATH: join(folder, "none") },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("Node.js is needed");
  });
});
