import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { messageOf } from "@vedette/sdk";
import { type ClientTls, problemOfTls } from "../tls.ts";
import {
  errors,
  type Frame,
  FrameReader,
  flags,
  frameOf,
  numbersFrame,
  settings,
  settingsFrame,
  types,
  WireError,
} from "./frames.ts";
import { readHeaders, writeHeaders } from "./headers.ts";
import { Outgoing } from "./outgoing.ts";

export interface RequestEvents {
  /** The connection stands. */
  connected?(): void;
  /** What stands before the data, or behind it. */
  headers(headers: ReadonlyMap<string, string>): void;
  /** The bytes are the receiver's. */
  data(bytes: Buffer): void;
  /** There is room again after `isFull`. */
  drain(): void;
  /** Called once, last. With the code where the server ended the stream: 0 where it ended well. Not after `close`. */
  closed(reason: string, code?: number): void;
}

/** Where to connect: `host:port`, or the path of a Unix socket. */
export type Address = string | { readonly path: string };

const overTls = { ALPNProtocols: ["h2"], minVersion: "TLSv1.3" as const, rejectUnauthorized: true };
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const stream = 1;
/** The connection is read through one piece of memory: what comes back is small. */
const readBytes = 16_384;
/** So many bytes that were read are told to the server together. */
const creditBytes = 16_384;
/** Bound of one block of headers. */
const blockBytes = 65_536;

/**
 * One request with a body both ways, on an HTTP/2 connection of its own. Node's own HTTP/2 takes 14 ms and 7 MB to be loaded, and
 * cuts what it sends into frames of 16 KiB, whatever the server takes.
 */
export class Request {
  readonly #socket: Socket;
  readonly #events: RequestEvents;
  readonly #reader = new FrameReader();
  readonly #outgoing: Outgoing;
  readonly #pings: (() => void)[] = [];
  /** Of headers that come in several frames. */
  #block: Buffer[] | undefined;
  #blockBytes = 0;
  #endsWithBlock = false;
  #read = 0;
  #wasFull = false;
  #isOver = false;

  /** Connects and sends the headers: with TLS only once the server has proved who it is. */
  constructor(
    address: Address,
    headers: readonly (readonly [string, string])[],
    events: RequestEvents,
    tls?: ClientTls,
  ) {
    this.#events = events;
    const buffer = Buffer.alloc(readBytes);
    const onread = { buffer, callback: (count: number): boolean => this.#take(buffer.subarray(0, count)) };
    const at = typeof address === "object" ? address : partsOf(address);
    // A variable, as its type does not know `onread`, which is documented.
    const secure = { ...at, ...tls, ...overTls, onread };
    const socket = tls ? connectTls(secure) : connect({ ...at, noDelay: true, onread });
    this.#socket = socket;
    this.#outgoing = new Outgoing(socket, stream);
    if (tls) this.#holdUntilVerified(socket as TLSSocket);
    else socket.once("connect", () => events.connected?.());
    socket.on("error", (error) => this.#end(problemOfTls(error) ?? messageOf(error)));
    socket.on("close", () => this.#end("The connection was closed."));
    socket.on("drain", () => this.#tellRoom());
    const first = [
      [":method", "POST"],
      [":scheme", tls ? "https" : "http"],
      [":authority", typeof address === "object" ? "localhost" : address],
    ] as const;
    socket.cork();
    socket.write(preface);
    // The server need remember no headers for us, nor shall it push anything.
    socket.write(
      settingsFrame([
        [settings.tableBytes, 0],
        [settings.push, 0],
      ]),
    );
    socket.write(frameOf(writeHeaders([...first, ...headers]), types.headers, flags.endHeaders, stream));
    socket.uncork();
  }

  /** Nothing that is written leaves before the server's certificate is verified; where it is not, nothing ever does. */
  #holdUntilVerified(socket: TLSSocket): void {
    socket.cork();
    socket.setNoDelay(true);
    socket.once("secureConnect", () => {
      if (this.#isOver) return;
      if (!socket.authorized) this.#end("The certificate of the server could not be verified.");
      else if (socket.alpnProtocol !== "h2") this.#end("The server speaks TLS, but not HTTP/2 over it.");
      else {
        socket.uncork();
        this.#events.connected?.();
      }
    });
  }

  get destroyed(): boolean {
    return this.#isOver;
  }

  get connecting(): boolean {
    return this.#socket.connecting;
  }

  /** More bytes wait to be sent than should. */
  get isFull(): boolean {
    return this.#outgoing.isFull;
  }

  /** Sends pieces of the body. `sent` is called when nobody needs their memory any more; not after a failure. */
  write(pieces: readonly Uint8Array[], sent?: () => void): void {
    if (this.#isOver) return;
    this.#outgoing.write(pieces, sent);
    this.#wasFull = this.#outgoing.isFull;
  }

  /** Asks the server for a sign of life. */
  ping(answered: () => void): void {
    this.#pings.push(answered);
    this.#socket.write(frameOf(Buffer.alloc(8), types.ping));
  }

  /** Ends request and connection at once. */
  close(): void {
    this.#leave(errors.cancel);
  }

  #leave(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#socket.connecting) this.#socket.write(numbersFrame([code], types.reset, stream));
    this.#socket.destroy();
  }

  #end(reason: string, code?: number): void {
    if (this.#isOver) return;
    this.#leave(errors.none);
    this.#events.closed(reason, code);
  }

  #tellRoom(): void {
    if (!this.#wasFull || this.#isOver || this.isFull) return;
    this.#wasFull = false;
    this.#events.drain();
  }

  #take(bytes: Buffer): boolean {
    try {
      this.#reader.push(bytes, (frame) => {
        if (!this.#isOver) this.#frame(frame);
      });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#end(error.message, errors.none);
    }
    return true;
  }

  #frame(frame: Frame): void {
    const { type, content } = frame;
    if (this.#block && type !== types.continuation)
      throw new WireError(errors.protocol, "Headers were broken off.");
    if (type === types.data) this.#data(frame);
    else if (type === types.headers || type === types.continuation) this.#headers(frame);
    else if (type === types.settings) this.#settings(frame);
    else if (type === types.window) this.#widen(frame);
    else if (type === types.ping) this.#ping(frame);
    else if (type === types.reset && frame.stream === stream) {
      const code = numberIn(content, 0);
      this.#end(`The stream was reset with code ${code}.`, code);
    } else if (type === types.goAway && numberIn(content, 0) < stream) {
      this.#end("The server does not take the call.", errors.refused);
    } else if (type === types.goAway && numberIn(content, 4) !== errors.none) {
      this.#end(`The server ended the connection with code ${numberIn(content, 4)}.`);
    } else if (type === types.push) throw new WireError(errors.protocol, "The server pushes.");
  }

  #data(frame: Frame): void {
    if (frame.stream !== stream) return;
    const bytes = Buffer.from(unpadded(frame));
    this.#credit(frame.content.length);
    if (bytes.length > 0) this.#events.data(bytes);
    if (frame.flags & flags.endStream) this.#end("The stream was closed.", errors.none);
  }

  /** Lets the server send on what was read. */
  #credit(bytes: number): void {
    this.#read += bytes;
    if (this.#read < creditBytes) return;
    this.#socket.cork();
    for (const which of [0, stream]) this.#socket.write(numbersFrame([this.#read], types.window, which));
    this.#socket.uncork();
    this.#read = 0;
  }

  #headers(frame: Frame): void {
    const isFirst = frame.type === types.headers;
    if (frame.stream !== stream || isFirst === (this.#block !== undefined))
      throw new WireError(errors.protocol, "Headers are not in their place.");
    if (isFirst) this.#endsWithBlock = (frame.flags & flags.endStream) !== 0;
    const content = Buffer.from(
      isFirst ? unpadded(frame, frame.flags & flags.priority ? 5 : 0) : frame.content,
    );
    this.#block = [...(this.#block ?? []), content];
    this.#blockBytes += content.length;
    if (this.#blockBytes > blockBytes) throw new WireError(errors.calm, "Headers are too large.");
    if (!(frame.flags & flags.endHeaders)) return;
    const block = Buffer.concat(this.#block);
    this.#block = undefined;
    this.#blockBytes = 0;
    this.#events.headers(headersIn(block));
    if (this.#endsWithBlock) this.#end("The stream was closed.", errors.none);
  }

  #settings({ flags: flag, content }: Frame): void {
    if (flag & flags.ack) return;
    if (content.length % 6 !== 0) throw new WireError(errors.frameSize, "Settings are cut off.");
    let [window, frameBytes]: (number | undefined)[] = [];
    for (let at = 0; at < content.length; at += 6) {
      const number = content.readUInt16BE(at);
      if (number === settings.window) window = content.readUInt32BE(at + 2);
      else if (number === settings.frameBytes) frameBytes = content.readUInt32BE(at + 2);
    }
    this.#socket.write(frameOf(Buffer.alloc(0), types.settings, flags.ack));
    this.#outgoing.settle({ window, frameBytes });
    this.#tellRoom();
  }

  #widen({ stream: which, content }: Frame): void {
    this.#outgoing.widen(which, numberIn(content, 0) & 0x7fff_ffff);
    this.#tellRoom();
  }

  #ping({ flags: flag, content }: Frame): void {
    if (content.length !== 8) throw new WireError(errors.frameSize, "A ping is cut off.");
    if (flag & flags.ack) this.#pings.shift()?.();
    else this.#socket.write(frameOf(Buffer.from(content), types.ping, flags.ack));
  }
}

function partsOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${address}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

function numberIn(content: Buffer, at: number): number {
  if (content.length < at + 4) throw new WireError(errors.frameSize, "A frame is cut off.");
  return content.readUInt32BE(at);
}

/** The content behind `skip` bytes, without what only fills. */
function unpadded({ content, flags: flag }: Frame, skip = 0): Buffer {
  const isPadded = (flag & flags.padded) !== 0;
  const from = skip + (isPadded ? 1 : 0);
  const to = content.length - (isPadded ? (content[0] ?? 0) : 0);
  if (from > to) throw new WireError(errors.protocol, "A frame is filled with more than it has.");
  return content.subarray(from, to);
}

function headersIn(block: Buffer): ReadonlyMap<string, string> {
  try {
    return readHeaders(block);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WireError(errors.compression, `Headers do not decode: ${error.message}.`);
  }
}
