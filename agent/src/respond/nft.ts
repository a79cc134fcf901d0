import { isSingle, type Logger, messageOf, type Prefix, parsePrefix, prefixText } from "@vedette/sdk";
import { runChild } from "@vedette/sdk/input";
import type { NftablesConfig } from "../config/index.ts";

/** What nft said of a change that was not made. */
export class NftFailure extends Error {
  /** `permanent`: the same would fail again. `transient`: nothing was changed. `unknown`: it was ended in the middle. */
  readonly kind: "permanent" | "transient" | "unknown";
  constructor(kind: NftFailure["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** An address or a range that is dropped now. */
export interface Banned {
  readonly range: Prefix;
  /** Undefined where somebody put it there without an end. */
  readonly secondsLeft: number | undefined;
}

const deadlineMs = 10_000;
/** 65,535 elements have less than 8 MiB. */
const maxBytes = 32 * 2 ** 20;
const kernelSize = 65_535;

/** How nft words that there is no such table, set or element. */
const missing = /No such file or directory|does not exist/;

type Sets = Pick<NftablesConfig, "program" | "table" | "set4" | "set6">;

/**
 * The agent's own table of nftables: sets with time-outs that the kernel keeps, and chains that drop what comes from them. Every
 * change is one transaction. All text comes from typed values: parsed addresses, whole numbers, and names that the configuration checked.
 */
export class NftTable {
  readonly #config: Sets;
  readonly #log: Logger;

  constructor(config: Sets, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** Makes the table where it is missing, and the chains anew. Bans that stand stay. */
  async setUp(): Promise<void> {
    await this.#apply(this.#definition());
  }

  /** Drops what comes from a range for a time, from now on also where it was banned already. */
  async ban(range: Prefix, ttlSeconds: number): Promise<void> {
    const at = `inet ${this.#config.table} ${this.#setOf(range)}`;
    const element = prefixText(range);
    // An element that is there keeps its time whatever one adds, and to delete one that is not there fails.
    const script = [
      `add element ${at} { ${element} timeout 1s }`,
      `delete element ${at} { ${element} }`,
      `add element ${at} { ${element} timeout ${Math.trunc(ttlSeconds)}s }`,
    ];
    try {
      await this.#apply(script);
    } catch (error) {
      if (!(error instanceof NftFailure) || !missing.test(error.message)) throw error;
      // Somebody flushed the ruleset.
      this.#log.warn({ table: this.#config.table }, "The table of nftables was gone and is made again.");
      await this.#apply([...this.#definition(), ...script]);
    }
  }

  /** True where it was banned. */
  async unban(range: Prefix): Promise<boolean> {
    const at = `inet ${this.#config.table} ${this.#setOf(range)}`;
    try {
      await this.#apply([`delete element ${at} { ${prefixText(range)} }`]);
      return true;
    } catch (error) {
      if (error instanceof NftFailure && missing.test(error.message)) return false;
      throw error;
    }
  }

  async list(): Promise<Banned[]> {
    let output: string;
    try {
      output = await this.#run(["-j", "list", "table", "inet", this.#config.table]);
    } catch (error) {
      if (error instanceof NftFailure && missing.test(error.message)) return [];
      throw error;
    }
    const names = new Set(this.#sets().map(([name]) => name));
    return bannedOf(output, names);
  }

  #sets(): readonly (readonly [name: string, version: 4 | 6, flags: string])[] {
    const { set4, set6 } = this.#config;
    return [
      [set4, 4, "timeout"],
      [`${set4}_net`, 4, "interval, timeout"],
      [set6, 6, "timeout"],
      [`${set6}_net`, 6, "interval, timeout"],
    ];
  }

  /** Single addresses are apart from ranges: in one set of intervals a range could not be added over an address in it. */
  #setOf(range: Prefix): string {
    const { set4, set6 } = this.#config;
    return `${range.family === 4 ? set4 : set6}${isSingle(range) ? "" : "_net"}`;
  }

  #definition(): string[] {
    const { table } = this.#config;
    const sets = this.#sets();
    const chains = ["input", "forward"];
    return [
      `add table inet ${table}`,
      ...sets.map(
        ([name, version, flags]) =>
          `add set inet ${table} ${name} { type ipv${version}_addr; flags ${flags}; size ${kernelSize}; }`,
      ),
      // Before the usual filters, which have priority 0, so that none of them accepts first.
      ...chains.map(
        (hook) => `add chain inet ${table} ${hook} { type filter hook ${hook} priority -10; policy accept; }`,
      ),
      ...chains.map((hook) => `flush chain inet ${table} ${hook}`),
      ...chains.flatMap((hook) =>
        sets.map(
          ([name, version]) =>
            `add rule inet ${table} ${hook} ${version === 4 ? "ip" : "ip6"} saddr @${name} counter drop`,
        ),
      ),
    ];
  }

  async #apply(script: readonly string[]): Promise<void> {
    await this.#run(["-f", "-"], `${script.join("\n")}\n`);
  }

  async #run(args: readonly string[], input?: string): Promise<string> {
    const { program } = this.#config;
    // Messages are read, so they must not be translated.
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
    const limits = { deadlineMs, maxBytes };
    const { code, error, stderr, stdout, cut } = await runChild(
      { argv: [program, ...args], env, input },
      limits,
    );
    if (error !== undefined) throw new NftFailure("transient", `${program} cannot be run: ${error}`);
    if (cut) throw new NftFailure("unknown", `${program} did not end within its time, or wrote too much.`);
    if (code === null) throw new NftFailure("unknown", `${program} was ended.`);
    if (code !== 0) throw failureOf(stderr);
    return stdout;
  }
}

function failureOf(stderr: string): NftFailure {
  const line = stderr.split("\n").find((each) => each.includes("Error:")) ?? stderr;
  const said = line
    .replace(/^.*?Error: /, "")
    .trim()
    .slice(0, 300);
  if (/overlaps with an existing/.test(said))
    return new NftFailure("permanent", "A range that overlaps with it is banned already.");
  if (/Too many open files in system/.test(said)) return new NftFailure("transient", "The set is full.");
  if (/Operation not permitted/.test(said))
    return new NftFailure("transient", "nft may not change anything: the agent lacks CAP_NET_ADMIN.");
  return new NftFailure("transient", `nft: ${said === "" ? "it failed and did not say why" : said}`);
}

interface Element {
  readonly val?: unknown;
  readonly expires?: unknown;
}

function bannedOf(output: string, names: ReadonlySet<string>): Banned[] {
  let parsed: { readonly nftables?: readonly { readonly set?: { name?: unknown; elem?: unknown } }[] };
  try {
    parsed = JSON.parse(output) as typeof parsed;
  } catch (cause) {
    throw new NftFailure("transient", `nft listed what is no JSON: ${messageOf(cause)}`);
  }
  const found: Banned[] = [];
  for (const { set } of parsed.nftables ?? []) {
    if (!set || !names.has(String(set.name)) || !Array.isArray(set.elem)) continue;
    for (const each of set.elem as unknown[]) {
      const inner = (each as { readonly elem?: Element } | null)?.elem;
      const range = rangeOf(inner?.val ?? each);
      const left = inner?.expires;
      // nft rounds down: what is still there lasts at least a moment.
      const secondsLeft = typeof left === "number" ? left + 1 : undefined;
      if (range) found.push({ range, secondsLeft });
    }
  }
  return found;
}

/** `"203.0.113.7"` or `{"prefix": {"addr": "203.0.113.0", "len": 24}}`; anything else was put there by somebody else. */
function rangeOf(value: unknown): Prefix | undefined {
  if (typeof value === "string") return parsePrefix(value);
  const { addr, len } = (value as { prefix?: { addr?: unknown; len?: unknown } } | null)?.prefix ?? {};
  return typeof addr === "string" ? parsePrefix(`${addr}/${String(len)}`) : undefined;
}
