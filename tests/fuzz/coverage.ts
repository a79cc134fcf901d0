import { type Profiler, Session } from "node:inspector/promises";

/** Tells whether an input reached code that none before it did: V8's block coverage of our own sources. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** `root` is the URL of the checkout; other code does not count. */
  static async start(root: string): Promise<Coverage> {
    const coverage = new Coverage(root);
    coverage.#session.connect();
    await coverage.#session.post("Profiler.enable");
    await coverage.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return coverage;
  }

  /** Number of blocks reached for the first time since the last call. */
  async fresh(): Promise<number> {
    const { result } = (await this.#session.post("Profiler.takePreciseCoverage")) as {
      result: Profiler.ScriptCoverage[];
    };
    const before = this.#seen.size;
    for (const { url, functions } of result) {
      if (!url.startsWith(this.#root) || url.includes("node_modules") || url.includes("/tests/")) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0) this.#seen.add(`${url}:${startOffset}-${endOffset}`);
    }
    return this.#seen.size - before;
  }

  get blocks(): number {
    return this.#seen.size;
  }
}
