import type { Socket } from "node:net";
import { errors, frameHead, leastFrameBytes, types, WireError } from "./frames.ts";

/** What HTTP/2 lets be sent before the peer says more. */
const firstWindow = 65_535;
const mostWindow = 0x7fff_ffff;

interface Piece {
  readonly bytes: Uint8Array;
  at: number;
  readonly sent: (() => void) | undefined;
}

/** Sends the bytes of one stream from where they lie, in frames as large as the peer takes them, as far as its windows go. */
export class Outgoing {
  readonly #socket: Socket;
  readonly #stream: number;
  readonly #waiting: Piece[] = [];
  #streamWindow = firstWindow;
  #connectionWindow = firstWindow;
  #firstWindow = firstWindow;
  #frameBytes = leastFrameBytes;

  constructor(socket: Socket, stream: number) {
    this.#socket = socket;
    this.#stream = stream;
  }

  /** More bytes wait than should. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || this.#socket.writableNeedDrain;
  }

  /** Sends pieces behind each other. `sent` is called when nobody needs their memory any more; not after a failure. */
  write(pieces: readonly Uint8Array[], sent: (() => void) | undefined): void {
    pieces.forEach((bytes, i) => {
      const isLast = i === pieces.length - 1;
      if (bytes.length > 0 || isLast) this.#waiting.push({ bytes, at: 0, sent: isLast ? sent : undefined });
    });
    this.#send();
  }

  /** The peer takes so many bytes more, on the stream or on the connection. */
  widen(stream: number, bytes: number): void {
    if (bytes === 0) throw new WireError(errors.protocol, "A window was widened by nothing.");
    if (stream === 0) this.#connectionWindow += bytes;
    else if (stream === this.#stream) this.#streamWindow += bytes;
    this.#check();
    this.#send();
  }

  /** The peer has other first windows and frames than it is supposed to have. */
  settle({
    window,
    frameBytes,
  }: {
    readonly window?: number | undefined;
    readonly frameBytes?: number | undefined;
  }): void {
    if (frameBytes !== undefined) {
      if (frameBytes < leastFrameBytes || frameBytes > 0xff_ffff)
        throw new WireError(errors.protocol, `Frames of ${frameBytes} bytes are not possible.`);
      this.#frameBytes = frameBytes;
    }
    if (window !== undefined) {
      this.#streamWindow += window - this.#firstWindow;
      this.#firstWindow = window;
      this.#check();
    }
    this.#send();
  }

  #check(): void {
    if (Math.max(this.#streamWindow, this.#connectionWindow, this.#firstWindow) > mostWindow)
      throw new WireError(errors.flowControl, "A window is too large.");
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#socket.destroyed) return;
    this.#socket.cork();
    while (this.#waiting.length > 0) {
      const room = Math.min(this.#streamWindow, this.#connectionWindow, this.#frameBytes);
      if (room <= 0) break;
      this.#sendFrame(room);
    }
    this.#socket.uncork();
  }

  /** One frame of what waits, of at most so many bytes. */
  #sendFrame(room: number): void {
    const parts: { readonly bytes: Uint8Array; readonly sent: (() => void) | undefined }[] = [];
    let length = 0;
    for (let piece = this.#waiting[0]; piece && length < room; piece = this.#waiting[0]) {
      const bytes = piece.bytes.subarray(piece.at, piece.at + room - length);
      piece.at += bytes.length;
      length += bytes.length;
      const isWhole = piece.at === piece.bytes.length;
      parts.push({ bytes, sent: isWhole ? piece.sent : undefined });
      if (isWhole) this.#waiting.shift();
    }
    this.#streamWindow -= length;
    this.#connectionWindow -= length;
    this.#socket.write(frameHead(length, types.data, 0, this.#stream));
    for (const { bytes, sent } of parts)
      this.#socket.write(bytes, sent && ((error) => void (error ? undefined : sent())));
  }
}
