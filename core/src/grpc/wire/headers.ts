import { readHuffman } from "./huffman.ts";

/** Names and values that have a number (RFC 7541, appendix A). */
const known = [
  ":authority :method=GET :method=POST :path=/ :path=/index.html :scheme=http :scheme=https :status=200 :status=204",
  ":status=206 :status=304 :status=400 :status=404 :status=500 accept-charset accept-encoding=gzip,_deflate",
  "accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control",
  "content-disposition content-encoding content-language content-length content-location content-range content-type",
  "cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since",
  "last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after",
  "server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate",
]
  .join(" ")
  .split(" ")
  .map((each) => each.replace("_", " ").split("=") as [name: string, value?: string]);

/** The block of a request's headers, in the form that takes nothing from earlier ones. Names in small letters, all of it ASCII. */
export function writeHeaders(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  const parts = headers.flatMap(([name, value]) => [Buffer.of(0), ...textOf(name), ...textOf(value)]);
  return Buffer.concat(parts);
}

function textOf(text: string): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  const length = [Math.min(bytes.length, 0x7f)];
  if (bytes.length >= 0x7f) {
    let rest = bytes.length - 0x7f;
    for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
    length.push(rest);
  }
  return [Buffer.from(length), bytes];
}

/**
 * The headers of a block whose writer was told to remember none: the first value of each name. Throws a RangeError where the
 * block is not such a one.
 */
export function readHeaders(block: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  const reader = new BlockReader(block);
  while (!reader.isOver) {
    const header = reader.next();
    if (header && !headers.has(header[0])) headers.set(...header);
  }
  return headers;
}

class BlockReader {
  readonly #block: Uint8Array;
  #at = 0;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  get isOver(): boolean {
    return this.#at >= this.#block.length;
  }

  /** The next header; undefined where it was a word on the size of what is remembered. */
  next(): [name: string, value: string] | undefined {
    const first = this.#block[this.#at]!;
    if (first & 0x80) {
      const [name, value] = this.#known(this.#number(7));
      return [name, value ?? ""];
    }
    if ((first & 0xe0) === 0x20) {
      this.#number(5);
      return undefined;
    }
    const number = this.#number(first & 0x40 ? 6 : 4);
    const name = number === 0 ? this.#text() : this.#known(number)[0];
    return [name, this.#text()];
  }

  #known(number: number): [name: string, value?: string] {
    const found = known[number - 1];
    if (!found) throw new RangeError(`there is no header ${number}`);
    return found;
  }

  /** A number that begins in the low bits of the next byte. */
  #number(bits: number): number {
    const most = 2 ** bits - 1;
    const start = this.#byte() & most;
    if (start < most) return start;
    let value = most;
    for (let scale = 1; scale <= 2 ** 21; scale *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number is too large");
  }

  #byte(): number {
    const byte = this.#block[this.#at++];
    if (byte === undefined) throw new RangeError("the block is cut off");
    return byte;
  }

  #text(): string {
    const isPacked = (this.#block[this.#at] ?? 0) & 0x80;
    const length = this.#number(7);
    const end = this.#at + length;
    if (end > this.#block.length) throw new RangeError("the block is cut off");
    const bytes = this.#block.subarray(this.#at, end);
    this.#at = end;
    return isPacked ? readHuffman(bytes) : Buffer.from(bytes).toString("latin1");
  }
}
