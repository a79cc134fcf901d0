import type { EmitLine } from "./line-cutter.ts";
import type { LineTaker } from "./line-emitter.ts";
import { type JoinRule, joinRule, type Piece } from "./multiline-rules.ts";
import type { FileRecord } from "./registry.ts";
import type { MultilineSettings } from "./settings.ts";

/** An event that is being put together. */
interface Pending {
  readonly stream: string;
  /** Offset of its first line, which makes its id. */
  readonly start: number;
  readonly texts: string[];
  readonly frame: Piece["frame"];
  bytes: number;
  flaw: string | undefined;
  isWhole: boolean;
}

/**
 * Puts the lines of one generation together to events, between the cutter and the sink. Events are handed on in the order
 * of their first lines, and the position of each ends where the next begins that was not handed on: a crash in the
 * middle of an event reads all its lines again.
 */
export class Joiner implements LineTaker {
  readonly #rule: JoinRule;
  readonly #settings: MultilineSettings;
  readonly #emit: EmitLine;
  readonly #onPending: (joiner: Joiner) => void;
  readonly #open = new Map<string, Pending>();
  #pending: Pending[] = [];
  #bytes = 0;
  /** Just past the last line that was taken. */
  #end = 0;
  #takenAt = 0;

  constructor(
    rule: JoinRule,
    settings: MultilineSettings,
    emit: EmitLine,
    onPending: (joiner: Joiner) => void,
  ) {
    this.#rule = rule;
    this.#settings = settings;
    this.#emit = emit;
    this.#onPending = onPending;
  }

  readonly line: EmitLine = (start, end, raw, flaw) => {
    const { maxLines, maxBytes } = this.#settings;
    const piece = this.#rule.piece(raw);
    let event = this.#open.get(piece.stream);
    if (event && piece.begins) this.#complete(event);
    else if (event && (event.texts.length >= maxLines || event.bytes + piece.text.length > maxBytes)) {
      event.flaw ??= `The event was cut after ${event.texts.length} lines.`;
      this.#complete(event);
    }
    event = this.#open.get(piece.stream);
    if (!event) {
      const { stream, frame } = piece;
      event = { stream, start, texts: [], frame, bytes: 0, flaw: undefined, isWhole: false };
      this.#open.set(stream, event);
      this.#pending.push(event);
    }
    event.texts.push(piece.text);
    event.bytes += piece.text.length;
    event.flaw ??= flaw;
    this.#bytes += piece.text.length;
    this.#end = end;
    if (piece.ends) this.#complete(event);
    // Behind an event that does not end, those of other streams must not pile up.
    if (this.#bytes > 2 * maxBytes && this.#pending[0]) this.#complete(this.#pending[0]);
    this.#takenAt = performance.now();
    const wait = this.#drain();
    if (this.#pending.length > 0) this.#onPending(this);
    return wait;
  };

  /** Where to resume: the first line that was not handed on. Undefined where all were. */
  get heldFrom(): number | undefined {
    return this.#pending[0]?.start;
  }

  /** When the last line came, by the monotonic clock in milliseconds. */
  get takenAt(): number {
    return this.#takenAt;
  }

  /** Hands on what there is: no more lines come, or have not for long. */
  async flush(): Promise<void> {
    for (const event of this.#pending) this.#complete(event);
    await this.#drain();
  }

  /** Lets go of what is held: it is read again by whoever follows the file next. */
  discard(): void {
    this.#pending = [];
    this.#open.clear();
    this.#bytes = 0;
  }

  #complete(event: Pending): void {
    event.isWhole = true;
    if (this.#open.get(event.stream) === event) this.#open.delete(event.stream);
  }

  #drain(): void | Promise<void> {
    while (this.#pending[0]?.isWhole) {
      const event = this.#pending.shift()!;
      this.#bytes -= event.bytes;
      const { before = "", after = "" } = event.frame ?? {};
      const raw = `${before}${event.texts.join(this.#rule.separator)}${after}`;
      const end = this.#pending[0]?.start ?? this.#end;
      const wait =
        event.flaw === undefined
          ? this.#emit(event.start, end, raw)
          : this.#emit(event.start, end, raw, event.flaw);
      if (wait) return wait.then(() => this.#drain());
    }
  }
}

/** The joiners of an input, and which of them hold lines. */
export class Multiline {
  readonly #settings: MultilineSettings;
  readonly #rule: JoinRule;
  readonly #pending = new Set<Joiner>();

  constructor(settings: MultilineSettings) {
    this.#settings = settings;
    this.#rule = joinRule(settings);
  }

  /** Puts a joiner before what takes the lines of a generation. */
  before(takerOf: (record: FileRecord) => LineTaker): (record: FileRecord) => LineTaker {
    const onPending = (joiner: Joiner): void => void this.#pending.add(joiner);
    return (record) => new Joiner(this.#rule, this.#settings, takerOf(record).line, onPending);
  }

  /** Hands on the events to which no line has come for the time of the settings. */
  async flushDue(now: number): Promise<void> {
    for (const joiner of [...this.#pending]) {
      if (joiner.heldFrom !== undefined && now - joiner.takenAt < this.#settings.timeoutMs) continue;
      this.#pending.delete(joiner);
      await joiner.flush();
    }
  }
}
