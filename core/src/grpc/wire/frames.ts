/** Bytes before each frame: length, type, flags, stream (RFC 9113, section 4.1). */
export const headBytes = 9;
/** Largest frame that a peer may send who was told nothing else. */
export const leastFrameBytes = 16_384;

export const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

/** Numbers of settings (section 6.5.2). */
export const settings = { tableBytes: 1, push: 2, window: 4, frameBytes: 5 } as const;

/** Codes of errors (section 7). */
export const errors = {
  none: 0,
  protocol: 1,
  flowControl: 3,
  frameSize: 6,
  refused: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
  security: 12,
} as const;

/** What stands before a frame's content. */
export function frameHead(length: number, type: number, flag = 0, stream = 0): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return head;
}

/** A small frame, whole. */
export const frameOf = (content: Buffer, type: number, flag = 0, stream = 0): Buffer =>
  Buffer.concat([frameHead(content.length, type, flag, stream), content]);

/** A frame of unsigned numbers of 32 bits. */
export function numbersFrame(numbers: readonly number[], type: number, stream = 0): Buffer {
  const content = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) content.writeUInt32BE(number, i * 4);
  return frameOf(content, type, 0, stream);
}

/** A frame of settings, by their numbers. */
export function settingsFrame(values: readonly (readonly [number: number, value: number])[]): Buffer {
  const content = Buffer.alloc(values.length * 6);
  values.forEach(([number, value], i) => {
    content.writeUInt16BE(number, i * 6);
    content.writeUInt32BE(value, i * 6 + 2);
  });
  return frameOf(content, types.settings);
}

/** A frame as it came. Its content is a view that is void after the call it is given in. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly content: Buffer;
}

/** Why a connection cannot go on. */
export class WireError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Cuts the bytes of a connection into frames. */
export class FrameReader {
  /** The beginning of a frame that is not whole yet. */
  readonly #part = Buffer.alloc(headBytes + leastFrameBytes);
  #filled = 0;

  /** Gives the frames that the bytes complete. Throws a WireError for one that is too large. */
  push(bytes: Buffer, take: (frame: Frame) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#filled === 0 && bytes.length - at >= headBytes) {
        const size = sizeOf(bytes, at);
        if (at + size <= bytes.length) {
          take(frameIn(bytes.subarray(at, at + size)));
          at += size;
          continue;
        }
      }
      const wanted = this.#filled < headBytes ? headBytes : sizeOf(this.#part, 0);
      const end = Math.min(bytes.length, at + wanted - this.#filled);
      this.#part.set(bytes.subarray(at, end), this.#filled);
      this.#filled += end - at;
      at = end;
      if (this.#filled < headBytes || this.#filled < sizeOf(this.#part, 0)) continue;
      const frame = frameIn(this.#part.subarray(0, this.#filled));
      this.#filled = 0;
      take(frame);
    }
  }
}

function sizeOf(bytes: Buffer, at: number): number {
  const length = bytes.readUIntBE(at, 3);
  if (length > leastFrameBytes) throw new WireError(errors.frameSize, `A frame has ${length} bytes.`);
  return headBytes + length;
}

const frameIn = (bytes: Buffer): Frame => ({
  type: bytes[3]!,
  flags: bytes[4]!,
  stream: bytes.readUInt32BE(5) & 0x7fff_ffff,
  content: bytes.subarray(headBytes),
});
