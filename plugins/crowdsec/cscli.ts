import { messageOf } from "@vedette/sdk";
import { type ChildResult, runChild } from "@vedette/sdk/input";
import type { z } from "zod";
import { refused, unavailable } from "../_action/outcome.ts";
import type { Backend, Ban } from "./backend.ts";
import { alerts, type Decision } from "./decision.ts";

const deadlineMs = 30_000;
const maxBytes = 32 * 2 ** 20;

/** CrowdSec through its command on this machine. No shell reads any of it; the values are canonical addresses and whole numbers. */
export class Cscli implements Backend {
  readonly #path: string;
  readonly #signal: AbortSignal;

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  async active(value?: Pick<Ban, "scope" | "value">): Promise<Decision[]> {
    const only = value ? [value.scope === "Ip" ? "--ip" : "--range", value.value] : [];
    const output = await this.#run(["decisions", "list", "--limit", "0", ...only], true);
    const found = read(alerts, output).flatMap((alert) => alert.decisions);
    // `--ip` also finds ranges around it.
    return value ? found.filter((each) => each.value === value.value) : found;
  }

  async ban({ scope, value, seconds, scenario }: Ban): Promise<void> {
    const target = [scope === "Ip" ? "--ip" : "--range", value];
    const rest = ["--duration", `${seconds}s`, "--type", "ban", "--reason", scenario];
    await this.#run(["decisions", "add", ...target, ...rest], false);
  }

  async lift(id: number): Promise<void> {
    await this.#run(["decisions", "delete", "--id", String(id)], false);
  }

  async check(): Promise<string> {
    const { stdout, stderr } = await this.#spawn(["version"]);
    const version = /version: *v?([\w.+-]{1,50})/i.exec(`${stdout}\n${stderr}`)?.[1];
    if (version === undefined) throw unavailable(`${this.#path} does not say its version`);
    await this.#run(["lapi", "status"], true);
    return `cscli ${version} reaches the local API.`;
  }

  /** Its output, where it succeeded. */
  async #run(args: readonly string[], reads: boolean): Promise<string> {
    const { code, stdout, stderr, cut } = await this.#spawn([...args, "-o", "json"]);
    if (cut || code === null) {
      if (reads) throw unavailable("cscli did not end in time");
      throw new Error("cscli was ended. Nobody knows whether it was done.");
    }
    if (code === 0) return stdout;
    throw failed(stderr || stdout, reads);
  }

  async #spawn(args: readonly string[]): Promise<ChildResult> {
    const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const result = await runChild(
      { argv: [this.#path, ...args], env: { PATH: path, LC_ALL: "C", HOME: "/root" } },
      { deadlineMs, maxBytes, signal: this.#signal },
    );
    if (result.error !== undefined) throw unavailable(`${this.#path} cannot be run: ${result.error}`);
    return result;
  }
}

/** What cscli says of a failure. That the local API did not take it, or was not reached, means that nothing was done. */
function failed(said: string, reads: boolean): Error {
  const text = said
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(-300);
  if (/connection refused|no such host|dial tcp|status code: (429|503)/i.test(text))
    return unavailable(`cscli: ${text}`);
  if (/permission denied|unknown (flag|command)|invalid|401|403|unauthorized|forbidden/i.test(text))
    return refused(`cscli: ${text}`);
  if (reads) return unavailable(`cscli: ${text}`);
  return new Error(`cscli failed: ${text}. Nobody knows whether it was done.`);
}

function read<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  try {
    return schema.parse(text.trim() === "" ? null : JSON.parse(text));
  } catch (error) {
    throw unavailable(`cscli listed what cannot be read: ${messageOf(error).slice(0, 200)}`, error);
  }
}
