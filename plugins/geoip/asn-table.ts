import { crc32 } from "node:zlib";
import type { Address } from "./address.ts";

/** Who announces an address. */
export interface Network {
  readonly asn: number;
  readonly organisation: string;
}

/** The columns of a table: inclusive ranges sorted by start, each pointing to an organisation. */
export interface AsnColumns {
  readonly v4Starts: Uint32Array;
  readonly v4Ends: Uint32Array;
  readonly v4Owners: Uint32Array;
  /** Four words an address, high word first. */
  readonly v6Starts: Uint32Array;
  readonly v6Ends: Uint32Array;
  readonly v6Owners: Uint32Array;
  readonly asns: Uint32Array;
  /** Where the name of owner `i` begins in `names`; one more entry marks the end. */
  readonly nameOffsets: Uint32Array;
  readonly names: Uint8Array;
}

const SECTIONS = [
  "v4Starts",
  "v4Ends",
  "v4Owners",
  "v6Starts",
  "v6Ends",
  "v6Owners",
  "asns",
  "nameOffsets",
] as const satisfies readonly (keyof AsnColumns)[];

const MAGIC = 0x4e53_4156; // "VASN", little endian
const VERSION = 1;
/** Magic, version, checksum of what follows, length of the source text, eight section lengths, bytes of names. */
const HEADER_WORDS = 4 + SECTIONS.length + 1;

/** Compares row `row` of four-word addresses with an address. */
function compareV6(rows: Uint32Array, row: number, words: Address["words"]): number {
  for (let at = 0; at < 4; at++) {
    const difference = (rows[row * 4 + at] as number) - (words[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Autonomous systems by address: sorted ranges and a binary search, 18 steps for the whole Internet. */
export class AsnTable {
  readonly #columns: AsnColumns;
  readonly #text = new TextDecoder();

  constructor(columns: AsnColumns) {
    this.#columns = columns;
  }

  get rows(): number {
    return this.#columns.v4Owners.length + this.#columns.v6Owners.length;
  }

  lookup(address: Address): Network | undefined {
    const owner = address.version === 4 ? this.#ownerOfV4(address.words[3]) : this.#ownerOfV6(address.words);
    if (owner === undefined) return undefined;
    const { asns, nameOffsets, names } = this.#columns;
    const name = names.subarray(nameOffsets[owner], nameOffsets[owner + 1]);
    return { asn: asns[owner] ?? 0, organisation: this.#text.decode(name) };
  }

  #ownerOfV4(value: number): number | undefined {
    const { v4Starts, v4Ends, v4Owners } = this.#columns;
    let low = 0;
    let high = v4Starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((v4Starts[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value <= (v4Ends[low - 1] as number) ? v4Owners[low - 1] : undefined;
  }

  #ownerOfV6(words: Address["words"]): number | undefined {
    const { v6Starts, v6Ends, v6Owners } = this.#columns;
    let low = 0;
    let high = v6Owners.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareV6(v6Starts, middle, words) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 && compareV6(v6Ends, low - 1, words) >= 0 ? v6Owners[low - 1] : undefined;
  }

  /** One flat file: header, the columns as little-endian words, the names. `source` names the text it came from. */
  encode(source: string): Buffer {
    const columns = SECTIONS.map((name) => this.#columns[name]);
    const origin = Buffer.from(source, "utf8");
    const header = new Uint32Array(HEADER_WORDS);
    header.set([
      MAGIC,
      VERSION,
      0,
      origin.length,
      ...columns.map((column) => column.length),
      this.#columns.names.length,
    ]);
    const body = Buffer.concat([
      ...columns.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength)),
      this.#columns.names,
      origin,
    ]);
    header[2] = crc32(body);
    return Buffer.concat([Buffer.from(header.buffer), body]);
  }

  /** Reads what `encode` wrote. Undefined when it is damaged, of another version or made from another source. */
  static decode(file: Buffer, source: string): AsnTable | undefined {
    if (file.length < HEADER_WORDS * 4) return undefined;
    // A copy starts at offset 0 of its own memory, so that words are aligned whatever the reader gave us.
    const bytes = new Uint8Array(file).buffer;
    const header = new Uint32Array(bytes, 0, HEADER_WORDS);
    const [magic, version, checksum, originLength = 0] = header;
    if (magic !== MAGIC || version !== VERSION) return undefined;
    const lengths = [...header.subarray(4, 4 + SECTIONS.length)];
    const nameBytes = header[HEADER_WORDS - 1] ?? 0;
    const words = lengths.reduce((sum, length) => sum + length, 0);
    if ((HEADER_WORDS + words) * 4 + nameBytes + originLength !== file.length) return undefined;
    if (crc32(new Uint8Array(bytes, HEADER_WORDS * 4)) !== checksum) return undefined;
    let offset = HEADER_WORDS * 4;
    const take = (length: number): Uint32Array => {
      const column = new Uint32Array(bytes, offset, length);
      offset += length * 4;
      return column;
    };
    const columns = Object.fromEntries(SECTIONS.map((name, at) => [name, take(lengths[at] as number)]));
    const names = new Uint8Array(bytes, offset, nameBytes);
    const origin = new TextDecoder().decode(new Uint8Array(bytes, offset + nameBytes, originLength));
    if (origin !== source) return undefined;
    return new AsnTable({ ...(columns as unknown as Omit<AsnColumns, "names">), names });
  }
}
