import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";
import { mountOf, readMounts } from "./mounts.ts";

describe("the mount of a path", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-mounts-"));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("is found by the table alone, through links, without asking what may hang", () => {
    mkdirSync(dir, { recursive: true });
    const table = join(dir, "mountinfo");
    writeFileSync(
      table,
      `22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:50 / ${dir}/share rw shared:1 - nfs4 files.example.com:/logs rw
31 22 0:51 / ${dir}/with\\040blank rw - fuse.bindfs /x rw
32 22 0:52 / ${dir}/share/inner rw - tmpfs tmpfs rw
`,
    );
    symlinkSync(join(dir, "share", "app"), join(dir, "link"));
    symlinkSync(join(dir, "loop"), join(dir, "loop"));
    const mounts = readMounts(table);
    const of = (path: string) => mountOf(mounts, join(dir, path));
    expect(of("a/b")).toMatchObject({ type: "ext4", isRemote: false });
    expect(of("share")).toMatchObject({ type: "nfs4", isRemote: true, point: join(dir, "share") });
    expect(of("share/app/x")).toMatchObject({ type: "nfs4" });
    expect(of("shared")).toMatchObject({ type: "ext4" });
    expect(of("with blank/x")).toMatchObject({ type: "fuse.bindfs", isRemote: true });
    expect(of("link/x")).toMatchObject({ type: "nfs4" });
    expect(of("loop/x")).toMatchObject({ type: "ext4" });
    expect(readMounts(join(dir, "none"))).toEqual([]);
  });
});

const hasBindfs = spawnSync("bindfs", ["--version"]).status === 0;
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("mounted folders (needs root)", () => {
  let bench: FileBench;
  const cleanUps: (() => void)[] = [];
  beforeEach(() => {
    bench = new FileBench();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
    await bench.close();
  });
  const arrived = (count: number) =>
    until(`${count} lines, got ${bench.raws.length}`, () => bench.raws.length >= count);

  it.skipIf(!hasBindfs && process.env.CI !== "true")(
    "that hang hold up neither other files nor the process (needs bindfs)",
    async (context) => {
      for (const name of ["real", "mounted", "local"]) mkdirSync(bench.path(name));
      const daemon: ChildProcess = spawn("bindfs", ["-f", bench.path("real"), bench.path("mounted")], {
        stdio: "ignore",
      });
      const exited = new Promise((resolve) => daemon.once("exit", resolve));
      const isMounted = () => readMounts().some(({ point }) => point === bench.path("mounted"));
      await until("the mount", () => isMounted() || daemon.exitCode !== null);
      if (!isMounted()) return context.skip("This machine does not let us mount.");
      cleanUps.push(() => {
        daemon.kill("SIGCONT");
        execFileSync("umount", ["-l", bench.path("mounted")]);
      });
      appendFileSync(bench.path("mounted", "a.log"), "remote 1\n");
      appendFileSync(bench.path("local", "b.log"), "local 1\n");
      const input = await bench.start({
        include: [bench.path("*", "*.log")],
        exclude: [bench.path("real/**")],
      });
      await arrived(2);
      appendFileSync(bench.path("mounted", "a.log"), "remote 2\n");
      await arrived(3);

      // Should this process hang with it after all, the test ends all the same.
      const rescue = spawn("sh", ["-c", `sleep 30; kill -CONT ${daemon.pid}`], { stdio: "ignore" });
      cleanUps.push(() => rescue.kill());
      daemon.kill("SIGSTOP");
      // What was answered just before is trusted for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      appendFileSync(bench.path("real", "a.log"), "remote 3\n");
      for (let i = 2; i <= 10; i++) {
        appendFileSync(bench.path("local", "b.log"), `local ${i}\n`);
        await until(`local ${i}`, () => bench.raws.includes(`local ${i}`), 10_000);
      }
      await until("it is reported", () => input.health().status === "warning");
      expect(input.health().message).toContain(bench.path("mounted"));
      expect(bench.raws).not.toContain("remote 3");

      daemon.kill("SIGCONT");
      await until("the rest", () => bench.raws.includes("remote 3"));
      await until("it is well again", () => input.health().status === "healthy");
      expect(bench.raws).toHaveLength(13);
      await bench.stop();
      daemon.kill("SIGTERM");
      await exited;
      cleanUps.pop()?.();
      cleanUps.pop();
    },
    40_000,
  );

  it("that show a folder twice give each line once, also through rotation", async (context) => {
    mkdirSync(bench.path("real"));
    mkdirSync(bench.path("bound"));
    if (spawnSync("mount", ["--bind", bench.path("real"), bench.path("bound")]).status !== 0)
      return context.skip("This machine does not let us mount.");
    cleanUps.push(() => execFileSync("umount", ["-l", bench.path("bound")]));
    const lines = (from: number, to: number): string =>
      Array.from(
        { length: to - from },
        (_, i) => `line ${from + i} that is long enough to be told from others\n`,
      ).join("");
    writeFileSync(bench.path("real", "a.log"), lines(0, 5));
    await bench.start({ include: [bench.path("*", "*.log")] });
    await arrived(5);
    renameSync(bench.path("bound", "a.log"), bench.path("bound", "a.log.1"));
    appendFileSync(bench.path("real", "a.log.1"), lines(5, 8));
    writeFileSync(bench.path("bound", "a.log"), lines(8, 12));
    await arrived(12);
    await bench.stop();
    expect(bench.raws.toSorted()).toEqual(lines(0, 12).trimEnd().split("\n").toSorted());
  });
});
