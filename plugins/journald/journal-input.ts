import {
  eventId,
  firstOffset,
  type Health,
  type Input,
  type InputDeps,
  type InputLog,
  type InputSink,
  idPrefix,
} from "@vedette/sdk";
import { type ChildExit, keepRunning } from "@vedette/sdk/input";
import { journalctl, type Start } from "./command.ts";
import { type Entry, ExportReader } from "./export-reader.ts";
import { factsOf, first, textOf } from "./format.ts";
import type { Settings } from "./settings.ts";

/** A cursor's sequence number, its sequence and its time in microseconds, all in hexadecimal. */
const cursorParts = /^s=([0-9a-f]{32});i=([0-9a-f]{1,12});.*?;t=([0-9a-f]{1,13});/;

/** Follows a journal by its cursors. */
export class JournalInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #source: string;
  #next: number;
  #cursor: string | undefined;
  /** Begin by time: the journal did not understand the cursor. */
  #byTime = false;
  /** The next entry is the first of a run of journalctl. */
  #resuming = false;
  #sequence = { id: "", prefix: "" };
  #health: Health = { status: "warning", message: "The journal is not read yet." };

  constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#source = `${deps.inputId}/journal`;
    const checkpoint = deps.checkpoint(this.#source);
    this.#next = firstOffset(checkpoint, deps.clock);
    this.#cursor = checkpoint?.cursor;
  }

  run(sink: InputSink): Promise<void> {
    const { restartSeconds, maxRestartSeconds, maxFieldBytes } = this.#settings;
    let reader = new ExportReader(maxFieldBytes);
    return keepRunning(
      {
        command: () => {
          reader = new ExportReader(maxFieldBytes);
          this.#resuming = this.#cursor !== undefined;
          return journalctl(this.#settings, this.#start(), this.#deps.baseDir);
        },
        take: async (chunk) => {
          for (const entry of reader.take(chunk)) {
            const full = this.#entry(sink, entry);
            if (full) await full;
          }
        },
        started: () => {
          this.#health = { status: "healthy", message: "The journal is being read." };
        },
        ended: (exit) => this.#ended(exit),
        minRestartMs: restartSeconds * 1_000,
        maxRestartMs: maxRestartSeconds * 1_000,
      },
      this.#deps,
    );
  }

  durable(): void {}

  health(): Health {
    return this.#health;
  }

  #start(): Start {
    if (this.#cursor === undefined) return undefined;
    const [, , , time] = cursorParts.exec(this.#cursor) ?? [];
    if (this.#byTime && time !== undefined) return { sinceUs: Number.parseInt(time, 16) };
    return { cursor: this.#cursor };
  }

  #entry(sink: InputSink, entry: Entry): void | Promise<void> {
    const cursor = first(entry, "__CURSOR");
    const parts = cursor === undefined ? null : cursorParts.exec(cursor);
    if (cursor === undefined || parts === null || cursor.length > 1_024) {
      this.#deps.dropped("no_cursor", 1);
      return;
    }
    if (this.#resuming) {
      this.#resuming = false;
      // The entry of the cursor is asked for again, to see whether it is still there.
      if (cursor === this.#cursor) return;
      this.#deps.failed("cursor_lost");
      this.#deps.log.warn(
        { input: this.#deps.inputId, from: this.#cursor, to: cursor },
        "The journal no longer has the entry that was read last; entries between may be missing.",
      );
    }
    this.#cursor = cursor;
    const [, sequence = "", number = ""] = parts;
    return this.#push(sink, entry, cursor, sequence, Number.parseInt(number, 16));
  }

  #push(
    sink: InputSink,
    entry: Entry,
    cursor: string,
    sequence: string,
    number: number,
  ): void | Promise<void> {
    const { agentId, inputId, dataType, dataSource, dataSourceIsSet, clock, flawed } = this.#deps;
    if (this.#sequence.id !== sequence) {
      this.#sequence = { id: sequence, prefix: idPrefix(agentId, `${inputId}/${sequence}`) };
    }
    const offset = this.#next++;
    const host = dataSourceIsSet ? undefined : first(entry, "_HOSTNAME");
    const log: InputLog = {
      id: eventId(this.#sequence.prefix, number),
      dataType,
      dataSource: host === undefined || host === "" ? dataSource : host.slice(0, 255),
      time: clock.now(),
      raw: textOf(entry, this.#settings.format),
      position: { source: this.#source, offset, end: offset + 1, cursor },
      facts: factsOf(entry),
    };
    if (entry.kind !== undefined) flawed(entry.kind);
    return sink.push(entry.flaw === undefined ? log : { ...log, flaw: entry.flaw });
  }

  #ended({ code, signal, error, stderr }: ChildExit): void {
    this.#byTime = /cursor/i.test(stderr);
    this.#deps.failed(error === undefined ? "exit" : "start");
    const why = (error ?? stderr.split("\n").at(-1)) || `exit code ${code}`;
    this.#health = { status: "error", message: `journalctl ended: ${why}. It is started again.` };
    this.#deps.log.warn({ code, signal, error, stderr }, "journalctl has ended; it is started again.");
  }
}
