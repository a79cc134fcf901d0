import { eventId, firstOffset, type InputDeps, type InputLog, type InputSink, idPrefix } from "@vedette/sdk";
import type { BoundedText } from "@vedette/sdk/input";

/** Makes logs of texts and numbers them, going on behind what is already in the spool. */
export class Emitter {
  readonly #deps: InputDeps;
  readonly #source: string;
  readonly #prefix: string;
  #next: number;

  constructor(deps: InputDeps) {
    this.#deps = deps;
    this.#source = `${deps.inputId}/output`;
    this.#prefix = idPrefix(deps.agentId, this.#source);
    this.#next = firstOffset(deps.checkpoint(this.#source), deps.clock);
  }

  push(
    sink: InputSink,
    { raw, flaw }: BoundedText,
    facts: Readonly<Record<string, string>>,
  ): void | Promise<void> {
    const { dataType, dataSource, clock } = this.#deps;
    const offset = this.#next++;
    const log: InputLog = {
      id: eventId(this.#prefix, offset),
      dataType,
      dataSource,
      time: clock.now(),
      raw,
      position: { source: this.#source, offset, end: offset + 1 },
      facts,
    };
    if (flaw === undefined) return sink.push(log);
    this.#deps.flawed(flaw.includes("cut") ? "cut" : "not_utf8");
    return sink.push({ ...log, flaw });
  }
}
