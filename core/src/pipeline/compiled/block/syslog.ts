import type { BlockSlot } from "../../../kernels/index.ts";
import { zoneOf } from "../../steps/layout.ts";
import { facilities, severities } from "../../steps/syslog/names.ts";
import { compileStamp } from "../../steps/syslog/stamp.ts";
import { endsBefore, isDigit, isoEnd, isSpace, sameBytes } from "./bytes.ts";
import type { MadeText } from "./made-texts.ts";
import type { RowStep } from "./row-step.ts";
import { type BlockSpace, kind } from "./space.ts";

/** The options of a `syslog` that matter here. */
export interface SyslogOptions {
  readonly side: string;
  readonly timezone: string;
}

/** Bytes of a time as RFC 3164 has it. */
const stampBytes = 15;
const STAMP = /^[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}$/;
const mostPriority = 191;
/** Times that are remembered from block to block. */
const mostTimes = 4_096;

const isTagEnd = (byte: number): boolean => isSpace(byte) || byte === 58 || byte === 91 || byte === 93;

/**
 * Reads syslog lines of the usual forms by their bytes: RFC 3164 with a host, RFC 5424 without structured data, and what rsyslog writes to files.
 * Every other line goes to `other`.
 */
export class SyslogRows {
  readonly #space: BlockSpace;
  readonly #bytes: Uint8Array;
  readonly #slots: Readonly<Record<string, BlockSlot>>;
  readonly #facilities: readonly MadeText[];
  readonly #severities: readonly MadeText[];
  readonly #readStamp: ReturnType<typeof compileStamp>;
  /** Times as they were read on a day. */
  readonly #times = new Map<string, string>();
  #day = "";
  /** Of the row before: its time as the line has it, and as it was read. */
  #stampAt = 0;
  #stamp: MadeText | undefined;
  /** Of the row that is read. */
  #timeFrom = 0;
  #timeTo = 0;
  #end = 0;

  constructor(space: BlockSpace, { side, timezone }: SyslogOptions) {
    this.#space = space;
    this.#bytes = space.kernel.memory;
    this.#readStamp = compileStamp(zoneOf(timezone, ["timezone"]));
    const log = ["priority", "facility", "severity", "pid", "messageId", "message"];
    const paths: [string, readonly string[]][] = [
      ["time", ["deviceTime"]],
      ["host", [side, "host"]],
      ["program", [side, "process"]],
      ...log.map((name): [string, readonly string[]] => [name, ["log", name]]),
    ];
    this.#slots = Object.fromEntries(paths.map(([name, path]) => [name, space.at(path)!]));
    this.#facilities = facilities.map((name) => space.texts.constant(name)!);
    this.#severities = severities.map((name) => space.texts.constant(name)!);
  }

  /** Runs for the rows of a mask. */
  run(source: BlockSlot, other: RowStep, mask: number, missed: number): void {
    const space = this.#space;
    const memory = this.#bytes;
    const { kinds, places } = source;
    this.#stamp = undefined;
    for (let row = 0; row < space.count; row++) {
      memory[missed + row] = 0;
      if (memory[mask + row] === 0) continue;
      const from = places[row * 2]!;
      const to = places[row * 2 + 1]!;
      if (kinds[row] !== kind.text) other.one(row, missed);
      else if (!this.#line(row, from, to)) other.again(row, from, to, missed);
    }
  }

  #text(name: string, row: number, from: number, to: number): void {
    const { kinds, places } = this.#slots[name]!;
    kinds[row] = kind.text;
    places[row * 2] = from;
    places[row * 2 + 1] = to;
  }

  /** False where the line has another form; what was written then will be written again. */
  #line(row: number, from: number, to: number): boolean {
    const bytes = this.#bytes;
    let at = from;
    let priority = -1;
    if (bytes[at] === 60) {
      const first = ++at;
      let number = 0;
      for (; at < to && at - first < 3 && isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 48;
      if (at === first || at >= to || bytes[at] !== 62 || number > mostPriority) return false;
      priority = number;
      at++;
    }
    if (to - at < 4) return false;
    this.#timeFrom = this.#timeTo = 0;
    const first = bytes[at]!;
    let read: boolean;
    if (first > 64 && first < 91) read = this.#bsd(at, to) && this.#behindTime(row, at + stampBytes, to);
    else if (priority >= 0 && first === 49 && bytes[at + 1] === 32) read = this.#new(row, at + 2, to);
    else read = this.#iso(at, to) && this.#behindTime(row, this.#end, to);
    if (!read) return false;
    if (this.#timeTo > 0) this.#text("time", row, this.#timeFrom, this.#timeTo);
    if (priority >= 0) this.#priority(row, priority);
    return true;
  }

  #priority(row: number, priority: number): void {
    const { priority: slot } = this.#slots;
    slot!.kinds[row] = kind.number;
    slot!.numbers[row] = priority;
    const facility = this.#facilities[priority >> 3]!;
    this.#text("facility", row, facility.from, facility.to);
    const severity = this.#severities[priority & 7]!;
    this.#text("severity", row, severity.from, severity.to);
  }

  #bsd(at: number, to: number): boolean {
    const bytes = this.#bytes;
    const end = at + stampBytes;
    if (end + 1 >= to || bytes[end] !== 32 || !endsBefore(bytes, end + 1, to)) return false;
    if (!this.#stamp || !sameBytes(bytes, this.#stampAt, at, stampBytes)) {
      const time = this.#timeOf(this.#space.text(at, end));
      this.#stamp = time === undefined ? undefined : this.#space.texts.made(time);
      this.#stampAt = at;
      if (!this.#stamp) return false;
    }
    this.#timeFrom = this.#stamp.from;
    this.#timeTo = this.#stamp.to;
    return true;
  }

  /** A time as RFC 3164 has it; undefined for any other text. */
  #timeOf(text: string): string | undefined {
    const { timestamp } = this.#space;
    const day = timestamp.slice(0, 10);
    if (day !== this.#day || this.#times.size >= mostTimes) this.#times.clear();
    this.#day = day;
    const known = this.#times.get(text);
    if (known !== undefined) return known;
    const stamp = STAMP.test(text) ? this.#readStamp(text, 0, timestamp) : undefined;
    if (stamp?.end !== stampBytes) return undefined;
    this.#times.set(text, stamp.time);
    return stamp.time;
  }

  /** Sets `#end` behind the time. */
  #iso(at: number, to: number): boolean {
    const end = isoEnd(this.#bytes, at, to);
    if (end < 0) return false;
    this.#end = end;
    this.#timeFrom = at;
    this.#timeTo = end;
    const day = (this.#bytes[at + 8]! - 48) * 10 + this.#bytes[at + 9]! - 48;
    if (day <= 28) return true;
    // Days that not every month has are read, and written anew.
    const stamp = this.#readStamp(this.#space.text(at, end), 0, this.#space.timestamp);
    const made = stamp?.end === end - at ? this.#space.texts.made(stamp.time) : undefined;
    if (!made) return false;
    this.#timeFrom = made.from;
    this.#timeTo = made.to;
    return true;
  }

  /** Host and tag behind the time. */
  #behindTime(row: number, start: number, to: number): boolean {
    const bytes = this.#bytes;
    let at = start;
    while (at < to && bytes[at] === 32) at++;
    if (at === to || bytes[at] === 37) return false;
    let end = at;
    while (end < to && !isTagEnd(bytes[end]!)) end++;
    if (end === to || end - at > 255 || bytes[end] !== 32 || end === at || bytes[end + 1] === 58)
      return false;
    let tag = end;
    while (tag - end < 4 && tag < to && bytes[tag] === 32) tag++;
    // What Cisco writes there names no program.
    if (tag < to && bytes[tag] === 37) return false;
    this.#text("host", row, at, end);
    this.#tag(row, tag, to);
    return true;
  }

  /** Program and process in front of a message, where they stand there. */
  #tag(row: number, at: number, to: number): void {
    const bytes = this.#bytes;
    let end = at;
    while (end < to && end - at < 128 && !isTagEnd(bytes[end]!)) end++;
    let message = at;
    if (end > at && end < to)
      if (bytes[end] === 58) {
        const behind = end + 1;
        if (behind === to || bytes[behind] === 32) message = Math.min(to, behind + 1);
      } else if (bytes[end] === 91) message = this.#process(row, end + 1, at, to);
    if (message > at) this.#text("program", row, at, end);
    if (message < to) this.#text("message", row, message, to);
  }

  /** The process in brackets; gives where the message begins, `none` where there is no process. */
  #process(row: number, at: number, none: number, to: number): number {
    const bytes = this.#bytes;
    let end = at;
    while (end < to && end - at < 128 && !isSpace(bytes[end]!) && bytes[end] !== 91 && bytes[end] !== 93)
      end++;
    if (end === at || end >= to || bytes[end] !== 93) return none;
    let behind = end + 1;
    if (behind < to && bytes[behind] === 58) {
      behind++;
      if (behind < to && bytes[behind] === 32) behind++;
    } else if (behind < to && bytes[behind] === 32) behind++;
    else if (behind < to) return none;
    this.#pid(row, at, end);
    return behind;
  }

  #pid(row: number, from: number, to: number): void {
    const bytes = this.#bytes;
    let number = 0;
    for (let at = from; at < to; at++) {
      if (!isDigit(bytes[at]!) || to - from > 9) {
        this.#text("pid", row, from, to);
        return;
      }
      number = number * 10 + bytes[at]! - 48;
    }
    const { pid } = this.#slots;
    pid!.kinds[row] = kind.number;
    pid!.numbers[row] = number;
  }

  /** The header of RFC 5424 behind its version. */
  #new(row: number, start: number, to: number): boolean {
    const bytes = this.#bytes;
    let at = start;
    if (bytes[at] === 45 && bytes[at + 1] === 32) at += 2;
    else {
      if (!this.#iso(at, to)) return false;
      at = this.#end + 1;
    }
    for (const name of words) {
      let end = at;
      while (end < to && bytes[end] !== 32) end++;
      if (end - at > 255) return false;
      const isNone = end === at || (end === at + 1 && bytes[at] === 45);
      if (!isNone && name === "pid") this.#pid(row, at, end);
      else if (!isNone) this.#text(name, row, at, end);
      at = Math.min(to, end + 1);
    }
    if (at < to && bytes[at] === 91) return false;
    if (at < to && bytes[at] === 45) at = Math.min(to, at + 2);
    if (at < to) this.#text("message", row, at, to);
    return true;
  }
}

/** What stands behind the time of RFC 5424, in order. */
const words = ["host", "program", "pid", "messageId"] as const;
