/** How messages are told apart on a connection (RFC 6587, RFC 5425). */
export type Framing = "auto" | "newline" | "nul" | "octetCounting";

/** One message. `cut` says that it was longer than the limit, or ended with its connection. */
export interface Message {
  readonly bytes: Buffer;
  readonly cut: boolean;
}

const LF = 10;
const CR = 13;
const NUL = 0;
const SPACE = 32;
const LESS = 60;
/** A count has at most this many digits; more is text. */
const maxDigits = 9;

interface Count {
  readonly length: number;
  /** Where the counted bytes begin. */
  readonly start: number;
}

/**
 * Cuts the bytes of one connection into messages, whatever the pieces they arrive in. Keeps at most one message of
 * `maxBytes`. In `auto`, a message that begins with a count and a `<` is counted, any other ends at the delimiter that ended
 * the first such message of the connection, so that no later text can bring in another one. Never throws.
 */
export class MessageCutter {
  readonly #framing: Framing;
  readonly #maxBytes: number;
  #delimiter: number | undefined;
  /** Bytes in which a count may begin, not decided yet. */
  #head: Buffer = nothing;
  /** Bytes of a counted message that are still to come; undefined outside of one. */
  #remaining: number | undefined;
  /** Inside a message: what is kept of it. */
  #kept: Buffer | undefined;
  #keptBytes = 0;
  #cut = false;

  constructor(framing: Framing, maxBytes: number) {
    this.#framing = framing;
    this.#maxBytes = maxBytes;
    this.#delimiter = framing === "newline" ? LF : framing === "nul" ? NUL : undefined;
  }

  /** True when the connection does not keep its framing, so that nothing behind this place can be told apart. */
  broken = false;

  /** The messages that end in this piece, in order. Their bytes are views of it or copies. */
  take(piece: Buffer): Message[] {
    const found: Message[] = [];
    let bytes = piece;
    if (this.#head.length > 0) {
      bytes = Buffer.concat([this.#head, piece]);
      this.#head = nothing;
    }
    let at = 0;
    while (at < bytes.length && !this.broken) {
      if (this.#remaining !== undefined) at = this.#counted(bytes, at, found);
      else if (this.#kept !== undefined) at = this.#delimited(bytes, at, found);
      else at = this.#begin(bytes, at, found);
    }
    return found;
  }

  /** What the connection left unfinished. Cut if it was counted, or if the connection did not end cleanly. */
  end(clean: boolean): Message | undefined {
    if (this.#head.length > 0) {
      this.#keep(this.#head);
      this.#head = nothing;
    }
    const counted = this.#remaining !== undefined;
    this.#remaining = undefined;
    if (this.#kept === undefined) return undefined;
    return this.#finish(nothing, counted || !clean);
  }

  #begin(bytes: Buffer, from: number, found: Message[]): number {
    let at = from;
    while (at < bytes.length && isBlank(bytes[at]!)) at++;
    if (at === bytes.length) return at;
    if (this.#framing === "auto" || this.#framing === "octetCounting") {
      const count = countAt(bytes, at, this.#framing === "auto");
      if (count === "unknown") {
        this.#head = Buffer.from(bytes.subarray(at));
        return bytes.length;
      }
      if (count) {
        this.#remaining = count.length;
        // Also when the piece ends here, so that a connection that ends now leaves a cut message.
        return this.#counted(bytes, count.start, found);
      }
      if (this.#framing === "octetCounting") {
        this.broken = true;
        return at;
      }
    }
    return this.#delimited(bytes, at, found);
  }

  #counted(bytes: Buffer, at: number, found: Message[]): number {
    const end = Math.min(bytes.length, at + this.#remaining!);
    this.#remaining! -= end - at;
    const part = bytes.subarray(at, end);
    if (this.#remaining! > 0) {
      this.#keep(part);
      return end;
    }
    this.#remaining = undefined;
    add(found, this.#finish(part, false));
    return end;
  }

  #delimited(bytes: Buffer, at: number, found: Message[]): number {
    const end = this.#delimiterAt(bytes, at);
    if (end < 0) {
      this.#keep(bytes.subarray(at));
      return bytes.length;
    }
    this.#delimiter ??= bytes[end];
    add(found, this.#finish(bytes.subarray(at, end), false));
    return end + 1;
  }

  #delimiterAt(bytes: Buffer, at: number): number {
    if (this.#delimiter !== undefined) return bytes.indexOf(this.#delimiter, at);
    const newline = bytes.indexOf(LF, at);
    const nul = bytes.indexOf(NUL, at);
    return newline < 0 || (nul >= 0 && nul < newline) ? nul : newline;
  }

  #keep(part: Buffer): void {
    const room = this.#maxBytes - this.#keptBytes;
    this.#cut ||= part.length > room;
    const taken = Math.min(part.length, room);
    const needed = this.#keptBytes + taken;
    let kept = this.#kept ?? nothing;
    if (needed > kept.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(needed, kept.length * 2)));
      kept.copy(grown, 0, 0, this.#keptBytes);
      kept = grown;
    }
    part.copy(kept, this.#keptBytes, 0, taken);
    this.#kept = kept;
    this.#keptBytes = needed;
  }

  /** Ends the message whose last bytes these are. Undefined for one of nothing but line ends. */
  #finish(part: Buffer, incomplete: boolean): Message | undefined {
    let bytes = part;
    let cut = incomplete || part.length > this.#maxBytes;
    if (this.#kept !== undefined) {
      this.#keep(part);
      bytes = this.#kept.subarray(0, this.#keptBytes);
      cut ||= this.#cut;
    }
    this.#kept = undefined;
    this.#keptBytes = 0;
    this.#cut = false;
    const whole = withoutLineEnd(bytes.subarray(0, this.#maxBytes));
    return whole.length > 0 ? { bytes: whole, cut } : undefined;
  }
}

const nothing = Buffer.alloc(0);

const isBlank = (byte: number): boolean => byte === LF || byte === CR || byte === NUL;

const add = (found: Message[], message: Message | undefined): void => {
  if (message) found.push(message);
};

/** The same bytes without the line ends and zeros behind them, which are no part of a message. */
export function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1]!)) end--;
  return bytes.subarray(0, end);
}

/** The count at a place: `MSG-LEN SP`, and a `<` behind it where text could begin with a number too. */
function countAt(bytes: Buffer, from: number, withPriority: boolean): Count | "unknown" | undefined {
  let at = from;
  let length = 0;
  for (; at < bytes.length; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) break;
    if (digit === 0 && at === from) return undefined;
    if (at - from >= maxDigits) return undefined;
    length = length * 10 + digit;
  }
  if (at === bytes.length) return "unknown";
  if (at === from || bytes[at] !== SPACE) return undefined;
  const start = at + 1;
  if (!withPriority) return { length, start };
  if (start === bytes.length) return "unknown";
  return bytes[start] === LESS ? { length, start } : undefined;
}
