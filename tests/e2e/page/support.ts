import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, until, vedette } from "@vedette/testkit";
import { launchBrowser, visit } from "../../../collector/web/test/browser.ts";

export { chromiumPath } from "../../../collector/web/test/browser.ts";
export { lowContrast, nameless } from "../../../collector/web/test/looks.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pluginFolder = fileURLToPath(new URL("../support/plugins", import.meta.url));

type Test = Parameters<typeof visit>[1];
export type Page = Parameters<Test>[0];
type ContextOptions = Parameters<typeof visit>[0]["options"];

/** A collector with the plugins of the tests, and a browser to look at its page with. */
export interface ServedPage {
  readonly dir: string;
  get<Answer>(path: string): Promise<Answer>;
  send(method: string, path: string, body?: unknown): Promise<Response>;
  /** Opens an address of the page, runs the test and sees that nothing went wrong on the way. */
  visit(path: string, test: Test, options?: ContextOptions): Promise<void>;
  /** Makes an API key and gives its secret. */
  key(scope: "read" | "admin", admin?: string): Promise<string>;
  close(): Promise<void>;
}

/** `more` are further settings of the collector, `files` what lies beside its configuration. */
export async function servePage(
  more: object = {},
  files: Readonly<Record<string, string>> = {},
): Promise<ServedPage> {
  execFileSync(process.execPath, ["scripts/build-web.mjs"], { cwd: root, stdio: "ignore" });
  const dir = mkdtempSync(join(tmpdir(), "vpg-"));
  const [http, ingest] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const config = {
    stateDir: join(dir, "state"),
    http: { listen: `127.0.0.1:${http}` },
    ingest: { listen: `127.0.0.1:${ingest}` },
    pluginFolders: [pluginFolder],
    plugins: { carrier: { file: join(dir, "carried") } },
    socketPlugins: { dir: installProgram(dir), workDir: join(dir, "w"), order: { notification: ["notify"] } },
    ...more,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  writeFileSync(join(dir, "vedette.yaml"), JSON.stringify({ collector: config }));
  const collector = vedette(["collector", "--config", join(dir, "vedette.yaml")]);
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
  await until("the collector", isReady, { timeoutMs: 280_000 });
  const browser = await launchBrowser();
  const send = (method: string, path: string, body?: unknown, key?: string) =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json", ...(key && { "x-api-key": key }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    dir,
    send,
    get: async (path) => (await (await fetch(`${url}/api/v1${path}`)).json()) as never,
    visit: (path, test, options) => visit({ browser, url: url + path, options }, test),
    async key(scope, admin) {
      const answer = await send("POST", "/keys", { name: scope, scopes: [scope] }, admin);
      return ((await answer.json()) as { secret: string }).secret;
    },
    async close() {
      await browser.close();
      collector.kill("SIGTERM");
      await collector.exited;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A notification plugin that is a program of its own. Gives the folder it is in. */
function installProgram(dir: string): string {
  const folder = join(dir, "p");
  const file = join(folder, "notify.plugin");
  const source = fileURLToPath(new URL("../support/socket-plugin.ts", import.meta.url));
  const node = `${process.execPath} --conditions=@vedette/source --disable-warning=ExperimentalWarning`;
  mkdirSync(folder);
  writeFileSync(file, `#!/bin/sh\nexec ${node} ${source} notify\n`);
  chmodSync(file, 0o755);
  return folder;
}
