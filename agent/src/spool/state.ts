import { join } from "node:path";
import type { Stretch } from "@vedette/core/batch";
import type { Checkpoint } from "@vedette/sdk";
import { z } from "zod";
import { type Disk, replaceFile } from "./disk.ts";
import { Ranges } from "./ranges.ts";

const count = z.int().min(0);

const stateFile = z.strictObject({
  version: z.literal(1),
  /** Every batch up to this one was on disk when the file was written. */
  durable: z.strictObject({ epoch: count, sequence: z.int().min(-1) }),
  /** Offset by source up to which everything is in a batch on disk or was dropped on purpose. */
  sources: z.record(z.string(), count),
  /** The word of sources that have their own for the place they have reached. Written only where there is one. */
  cursors: z.record(z.string(), z.string()).optional(),
  /** Acknowledged batches whose segment is not deleted yet: epoch, first and last sequence. */
  acknowledged: z.array(z.tuple([count, count, count])),
});

export const checkpointFile = "checkpoints.json";

/** Checkpoints and acknowledgements, as they are and as they were last written. */
export class SpoolState {
  readonly sources = new Map<string, number>();
  readonly #cursors = new Map<string, string>();
  readonly #acknowledged = new Map<number, Ranges>();
  durable = { epoch: 0, sequence: -1 };
  #changes = 0;
  #saved = 0;

  /** True when the file on disk is behind. */
  get dirty(): boolean {
    return this.#changes !== this.#saved;
  }

  /** Reads the file. A file that cannot be understood counts as empty; the reason is given back. */
  async load(disk: Disk, dir: string): Promise<string | undefined> {
    const bytes = await disk.readFile(join(dir, checkpointFile));
    if (bytes === undefined) return undefined;
    let json: unknown;
    try {
      json = JSON.parse(bytes.toString("utf8"));
    } catch {
      return "it is not JSON";
    }
    const parsed = stateFile.safeParse(json);
    if (!parsed.success) return parsed.error.issues[0]?.message ?? "it has another form";
    for (const [source, offset] of Object.entries(parsed.data.sources)) this.sources.set(source, offset);
    for (const [source, cursor] of Object.entries(parsed.data.cursors ?? {}))
      this.#cursors.set(source, cursor);
    for (const [epoch, from, to] of parsed.data.acknowledged) this.#ranges(epoch).add(from, to);
    this.durable = parsed.data.durable;
    return undefined;
  }

  /** Writes the file as of now. The changes made meanwhile leave it dirty. */
  async save(disk: Disk, dir: string): Promise<void> {
    const saving = this.#changes;
    const acknowledged = [...this.#acknowledged].flatMap(([epoch, ranges]) =>
      ranges.list.map(([from, to]) => [epoch, from, to]),
    );
    const sources = Object.fromEntries(this.sources);
    const cursors = this.#cursors.size > 0 ? Object.fromEntries(this.#cursors) : undefined;
    const json = JSON.stringify({ version: 1, durable: this.durable, sources, cursors, acknowledged });
    await replaceFile(disk, join(dir, checkpointFile), Buffer.from(json));
    this.#saved = saving;
  }

  /** Moves checkpoints forward, never back. */
  advance(stretches: readonly Stretch[]): void {
    for (const { source, to, cursor } of stretches) {
      if (to <= (this.sources.get(source) ?? -1)) continue;
      this.sources.set(source, to);
      if (cursor !== undefined) this.#cursors.set(source, cursor);
      else this.#cursors.delete(source);
    }
    this.#changes++;
  }

  /** How far a source is on disk, with its own word for that place. */
  checkpoint(source: string): Checkpoint | undefined {
    const end = this.sources.get(source);
    const cursor = this.#cursors.get(source);
    if (end === undefined) return undefined;
    return cursor === undefined ? { end } : { end, cursor };
  }

  forget(source: string): void {
    this.#cursors.delete(source);
    if (this.sources.delete(source)) this.#changes++;
  }

  noteDurable(epoch: number, sequence: number): void {
    this.durable = { epoch, sequence };
    this.#changes++;
  }

  acknowledge(epoch: number, sequence: number): void {
    this.#ranges(epoch).add(sequence);
    this.#changes++;
  }

  isAcknowledged(epoch: number, sequence: number): boolean {
    return this.#acknowledged.get(epoch)?.has(sequence) ?? false;
  }

  /** Drops what is known of epochs that have no segment any more. */
  keepEpochs(epochs: ReadonlySet<number>): void {
    for (const epoch of this.#acknowledged.keys()) {
      if (!epochs.has(epoch) && this.#acknowledged.delete(epoch)) this.#changes++;
    }
  }

  #ranges(epoch: number): Ranges {
    let ranges = this.#acknowledged.get(epoch);
    if (!ranges) {
      ranges = new Ranges();
      this.#acknowledged.set(epoch, ranges);
    }
    return ranges;
  }
}
