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

  /** Blocks reached since the last call that no call before told of. They count as known only with `note`. */
  async fresh(): Promise<ReadonlySet<string>> {
    const { result } = (await this.#session.post("Profiler.takePreciseCoverage")) as {
      result: Profiler.ScriptCoverage[];
    };
    const found = new Set<string>();
    for (const { url, functions } of result) {
      if (!url.startsWith(this.#root) || url.includes("node_modules") || url.includes("/tests/")) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const block = `${url}:${startOffset}-${endOffset}`;
          if (!this.#seen.has(block)) found.add(block);
        }
    }
    return found;
  }

  note(blocks: Iterable<string>): void {
    for (const block of blocks) this.#seen.add(block);
  }

  get blocks(): number {
    return this.#seen.size;
  }
}
