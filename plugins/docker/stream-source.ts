import { CountedSource, type InputDeps, type InputLog } from "@vedette/sdk";
import type { StreamName } from "./demultiplexer.ts";
import type { Container } from "./engine.ts";
import type { ContainerLine } from "./line-joiner.ts";
import { cursorOf, placeOf, type StreamPlace, sortable } from "./place.ts";

/** One stream of one container as a source of logs, which knows what of it was taken. */
export class StreamSource {
  readonly #deps: InputDeps;
  readonly #source: CountedSource;
  readonly #facts: Readonly<Record<string, string>>;
  #place: StreamPlace | undefined;
  /** Lines of the place's time that come again after a new beginning; undefined where nothing comes again. */
  #again: number | undefined;

  constructor(
    { id, name, image, labels }: Container,
    stream: StreamName,
    kept: readonly string[],
    deps: InputDeps,
  ) {
    this.#deps = deps;
    this.#source = new CountedSource(deps, `${id.slice(0, 24)}/${stream}`, deps.dataType);
    this.#place = placeOf(deps.checkpoint(this.#source.source)?.cursor);
    const facts: Record<string, string> = { container: name, containerId: id.slice(0, 12), image, stream };
    for (const label of kept) {
      const value = labels[label];
      if (value !== undefined) facts[`label_${label}`] = value.slice(0, 1_024);
    }
    this.#facts = facts;
  }

  get place(): StreamPlace | undefined {
    return this.#place;
  }

  /** The log is read anew from the place's time on. */
  begin(): void {
    this.#again = this.#place?.lines;
  }

  /** The log of a line; undefined where it was taken before. `openSince` is the time of the other stream's open line. */
  take(
    { raw, flaw, kind, time: engineTime }: ContainerLine,
    openSince: string | undefined,
  ): InputLog | undefined {
    const time = sortable(engineTime);
    if (this.#place && this.#again !== undefined) {
      if (time < this.#place.time) return undefined;
      if (time === this.#place.time && this.#again > 0) {
        this.#again--;
        return undefined;
      }
      this.#again = undefined;
    }
    const [since = time] = [time, sortable(openSince ?? engineTime)].sort();
    const lines = time === this.#place?.time ? this.#place.lines + 1 : 1;
    this.#place = { time, lines, since };
    if (raw === "") return undefined;
    if (kind !== undefined) this.#deps.flawed(kind);
    const log = this.#source.log(raw, this.#deps.dataSource, { ...this.#facts, time }, flaw);
    return { ...log, position: { ...log.position, cursor: cursorOf(this.#place) } };
  }

  forget(): void {
    this.#deps.forget(this.#source.source);
  }
}
