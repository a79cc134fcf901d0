import type { Deps } from "./deps.ts";
import { eventId, firstOffset, idPrefix } from "./event-id.ts";
import type { InputDeps, InputLog } from "./input.ts";

/** A source that has no offsets of its own, such as a socket: its logs are counted, on from the checkpoint. */
export class CountedSource {
  readonly source: string;
  readonly dataType: string;
  readonly #clock: Deps["clock"];
  readonly #prefix: string;
  #next: number;

  /** `part` and the data type name the source; one source has logs of one data type. */
  constructor(
    { inputId, agentId, clock, checkpoint }: Pick<InputDeps, "inputId" | "agentId" | "clock" | "checkpoint">,
    part: string,
    dataType: string,
  ) {
    this.source = `${inputId}/${part}`;
    this.dataType = dataType;
    this.#clock = clock;
    this.#prefix = idPrefix(agentId, this.source);
    this.#next = firstOffset(checkpoint(this.source), clock);
  }

  /** Everything up to here has been made: the `end` of the newest log. */
  get end(): number {
    return this.#next;
  }

  /** Makes the next log, which must be pushed in the order of the making. */
  log(raw: string, dataSource: string, facts?: InputLog["facts"], flaw?: string): InputLog {
    const offset = this.#next++;
    const log = {
      id: eventId(this.#prefix, offset),
      dataType: this.dataType,
      dataSource,
      time: this.#clock.now(),
      raw,
      position: { source: this.source, offset, end: this.#next },
    };
    if (facts === undefined && flaw === undefined) return log;
    return {
      ...log,
      ...(facts === undefined ? {} : { facts }),
      ...(flaw === undefined ? {} : { flaw }),
    };
  }
}
