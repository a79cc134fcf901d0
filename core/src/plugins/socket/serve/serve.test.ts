import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

it("ends all that a process serves before the process, and warns of nothing", () => {
  const dir = mkdtempSync(join(tmpdir(), "vs-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const script = `
    import { readdirSync } from "node:fs";
    import { serveNotification } from ${JSON.stringify(new URL("./serve.ts", import.meta.url).href)};
    process.on("warning", ({ message }) => console.log(message));
    for (let n = 0; n < 15; n++) await serveNotification("n" + n, () => {}, { workDir: ${JSON.stringify(dir)} });
    console.log(readdirSync(${JSON.stringify(join(dir, "sockets"))}).length);
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(9), 10_000);
  `;
  const flags = ["--conditions=@vedette/source", "--disable-warning=ExperimentalWarning"];
  const said = execFileSync(process.execPath, [...flags, "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(said).toBe("15\n");
  expect(readdirSync(join(dir, "sockets"))).toEqual([]);
});
