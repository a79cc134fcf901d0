import { hash } from "node:crypto";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { type ConversionCounters, toEvent } from "@vedette/core/pipeline";
import { Outcome } from "@vedette/proto";
import {
  type AnyPlugin,
  type Clock,
  defaultTenant,
  type EmittedEvent,
  type Event,
  messageOf,
  VedetteError,
} from "@vedette/sdk";
import type { Receipt } from "../ingest/index.ts";
import { withoutRepeats } from "./duplicates.ts";
import type { KnownEvents } from "./known-events.ts";

interface EmitterDeps {
  /** Takes a batch as if an agent had sent it; resolves when it is on disk. */
  readonly accept: (agentId: string, frame: Buffer, signal: AbortSignal) => Promise<Receipt>;
  readonly known: KnownEvents;
  /** Under whose name plugins' batches are stored; one for each collector. */
  readonly agentId: string;
  readonly clock: Clock;
}

/** What became of events that a plugin emitted. */
export interface Emitted {
  readonly stored: number;
  readonly duplicates: number;
  /** Why events were left out, one sentence each. */
  readonly refused: readonly string[];
}

const limits = { events: 10_000, rawCharacters: 1_048_576, batchBytes: 4 * 1_048_576 } as const;

/** Sends what plugins emit the way of all events: sealed into batches, and through the intake. */
export class Emitter {
  readonly conversion: ConversionCounters = { unknown: 0, unfit: 0, bounded: 0 };
  readonly #deps: EmitterDeps;
  readonly #epoch: number;
  #sequence = 0;

  constructor(deps: EmitterDeps) {
    this.#deps = deps;
    this.#epoch = deps.clock.now();
  }

  /** Resolves when all are stored or known. Rejects where the store refuses, and when the signal aborts. */
  async emit(plugin: AnyPlugin, given: readonly EmittedEvent[], signal: AbortSignal): Promise<Emitted> {
    if (given.length > limits.events)
      throw new VedetteError(
        "plugin.failed",
        `The plugin "${plugin.id}" emitted ${given.length} events at once; at most ${limits.events} are taken.`,
        { verdict: "drop" },
      );
    const refused: string[] = [];
    const events = new Map<string, Event>();
    let duplicates = 0;
    for (const each of given) {
      try {
        const event = this.#complete(plugin, each);
        if (events.has(event.id ?? "")) duplicates++;
        else events.set(event.id ?? "", event);
      } catch (error) {
        refused.push(messageOf(error));
      }
    }
    const known = await this.#deps.known.ids([...events.values()], signal);
    const unknown = [...events.values()].filter(({ id = "" }) => !known.has(id));
    const fresh = await withoutRepeats(unknown, plugin.duplicates ?? [], this.#deps.known, signal);
    duplicates += events.size - fresh.length;
    for (const [dataType, group] of Map.groupBy(fresh, (event) => event.dataType ?? plugin.id))
      await this.#send(plugin.id, dataType, group, signal);
    return { stored: fresh.length, duplicates, refused };
  }

  async #send(
    plugin: string,
    dataType: string,
    events: readonly Event[],
    signal: AbortSignal,
  ): Promise<void> {
    let builder: BatchBuilder | undefined;
    const seal = async (full: BatchBuilder): Promise<void> => {
      const { agentId } = this.#deps;
      const stamp = { batchId: uuidv7(this.#deps.clock.now()), agentId, epoch: this.#epoch };
      const { frame } = full.seal({ ...stamp, sequence: this.#sequence++ });
      const { outcome, reason } = await this.#deps.accept(agentId, frame, signal);
      if (outcome === Outcome.DEAD_LETTERED)
        throw new VedetteError("store.rejected", `The store refused the events: ${reason ?? ""}`, {
          verdict: "drop",
        });
    };
    for (const [index, event] of events.entries()) {
      builder ??= new BatchBuilder(dataType, { rows: limits.events, bytes: limits.batchBytes });
      builder.append(event, { source: `plugin/${plugin}`, offset: index, end: index + 1 });
      if (builder.full) {
        await seal(builder);
        builder = undefined;
      }
    }
    if (builder) await seal(builder);
  }

  /** The event with all that it does not say itself. Throws with a sentence where it is none. */
  #complete(plugin: AnyPlugin, given: EmittedEvent): Event {
    const { raw = "", dataType = plugin.id, dataSource = plugin.name } = given;
    if (typeof raw !== "string" || raw.length > limits.rawCharacters)
      throw new TypeError(`"raw" is text of at most ${limits.rawCharacters} characters.`);
    if (!/^[\w.:-]{1,100}$/.test(dataType)) throw new TypeError(`"${dataType}" is no data type.`);
    const now = new Date(this.#deps.clock.now()).toISOString();
    const at = given["@timestamp"] ?? given.deviceTime;
    const time = at === undefined ? now : new Date(at);
    if (typeof time !== "string" && Number.isNaN(time.getTime()))
      throw new TypeError(`"${String(at)}" is no time.`);
    const timestamp = typeof time === "string" ? time : time.toISOString();
    const said = JSON.stringify({ ...given, ...(at === undefined ? {} : { "@timestamp": timestamp }) });
    if (said.length > 2 * limits.rawCharacters) throw new TypeError("An event has at most 2 MiB.");
    const id = given.id ?? hash("sha256", `${plugin.id}\n${said}`, "hex").slice(0, 32);
    const root = JSON.parse(said) as Record<string, unknown>;
    const log = {
      ...{ id: String(id).slice(0, 100), dataType, dataSource, "@timestamp": timestamp, raw },
      tenantId: given.tenantId ?? defaultTenant.id,
    };
    const tenantName = log.tenantId === defaultTenant.id ? defaultTenant.name : given.tenantName;
    // What the event says of itself must not look like a step's overwriting.
    for (const key of ["id", "dataType", "tenantId", "tenantName"]) delete root[key];
    const draft = { root: root as never, errors: [], dropped: false };
    return { ...toEvent(draft, log, tenantName, this.conversion), agentId: this.#deps.agentId };
  }
}
