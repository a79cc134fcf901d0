/** A value of the MaxMind DB format 2.0 that the writer knows. */
export type Value =
  | string
  | number
  | boolean
  | { readonly double: number }
  | { readonly [key: string]: Value };

const MARKER = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");

function control(type: number, size: number): Buffer {
  const first = (type > 7 ? 0 : type) << 5;
  const extended = type > 7 ? [type - 7] : [];
  if (size < 29) return Buffer.from([first | size, ...extended]);
  if (size < 285) return Buffer.from([first | 29, ...extended, size - 29]);
  throw new RangeError("The writer keeps to values of up to 284 bytes.");
}

function encode(value: Value): Buffer {
  if (typeof value === "string") {
    const text = Buffer.from(value, "utf8");
    return Buffer.concat([control(2, text.length), text]);
  }
  if (typeof value === "number") {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), word]);
  }
  if (typeof value === "boolean") return control(14, value ? 1 : 0);
  if ("double" in value && typeof value.double === "number") {
    const eight = Buffer.alloc(8);
    eight.writeDoubleBE(value.double);
    return Buffer.concat([control(3, 8), eight]);
  }
  const entries = Object.entries(value as Record<string, Value>);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, entry]) => [encode(key), encode(entry)]),
  ]);
}

interface Node {
  readonly children: [Node | number | undefined, Node | number | undefined];
}
const node = (): Node => ({ children: [undefined, undefined] });

/** A network as bits, with its record. IPv4 networks in an IPv6 tree are written as 96 zero bits and the address. */
export interface Entry {
  readonly bits: string;
  readonly record: Value;
}

function recordBytes(size: 24 | 28 | 32, left: number, right: number): Buffer {
  const bytes = Buffer.alloc(size / 4);
  if (size === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
  } else if (size === 24) {
    bytes.writeUIntBE(left, 0, 3);
    bytes.writeUIntBE(right, 3, 3);
  } else {
    bytes.writeUIntBE(left & 0xff_ffff, 0, 3);
    bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
    bytes.writeUIntBE(right & 0xff_ffff, 4, 3);
  }
  return bytes;
}

/** Writes a small database in MaxMind DB format 2.0, so that tests need no foreign files. */
export function writeMmdb(options: {
  readonly entries: readonly Entry[];
  readonly recordSize?: 24 | 28 | 32;
  readonly ipVersion?: 4 | 6;
  readonly type?: string;
  /** Seconds since 1970. */
  readonly built?: number;
}): Buffer {
  const { entries, recordSize = 28, ipVersion = 6, type = "Test", built = 1_767_225_600 } = options;
  const root = node();
  const data: Buffer[] = [];
  let offset = 0;
  for (const { bits, record } of entries) {
    let at = root;
    for (const bit of bits.slice(0, -1)) {
      const side = Number(bit) as 0 | 1;
      const next = at.children[side];
      if (typeof next === "number") throw new RangeError("One network lies within another.");
      const child = next ?? node();
      at.children[side] = child;
      at = child;
    }
    at.children[Number(bits.at(-1)) as 0 | 1] = offset;
    const bytes = encode(record);
    data.push(bytes);
    offset += bytes.length;
  }
  const nodes: Node[] = [root];
  for (const each of nodes)
    for (const child of each.children) if (typeof child === "object") nodes.push(child);
  const order = new Map(nodes.map((each, index) => [each, index]));
  const pointer = (child: Node | number | undefined): number => {
    if (child === undefined) return nodes.length;
    return typeof child === "number" ? nodes.length + 16 + child : (order.get(child) as number);
  };
  const tree = nodes.map(({ children: [left, right] }) =>
    recordBytes(recordSize, pointer(left), pointer(right)),
  );
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: built,
    database_type: type,
    description: { en: "Made by a test" },
    ip_version: ipVersion,
    node_count: nodes.length,
    record_size: recordSize,
  });
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, MARKER, metadata]);
}

/** The bits of a network in CIDR notation, as they lie in a tree of `ipVersion`. */
export function bitsOf(words: readonly number[], version: 4 | 6, length: number, ipVersion: 4 | 6): string {
  const all = words.map((word) => word.toString(2).padStart(32, "0")).join("");
  if (version === 6) return all.slice(0, length);
  return (ipVersion === 6 ? all.slice(0, 96) : "") + all.slice(96, 96 + length);
}
