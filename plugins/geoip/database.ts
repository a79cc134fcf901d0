import { readFile, stat } from "node:fs/promises";
import { messageOf, VedetteError } from "@vedette/sdk";
import { Reader, type Response } from "mmdb-lib";
import { type Address, formatV4 } from "./address.ts";
import { countryName } from "./country.ts";

/** Answers of an enricher: paths below a side. */
export type Facts = Record<string, string | number>;

/** A larger file is no GeoIP database; the largest city databases have about 150 MB. */
const MAX_BYTES = 1 << 30;
/** Bytes of zero between the search tree and the data (MaxMind DB format 2.0). */
const SEPARATOR = 16;

/** Asked once when a file is opened, so that a broken one is refused at the start and not at the first event. */
const PROBES = ["1.1.1.1", "8.8.8.8", "81.2.69.142", "193.0.6.139", "200.160.2.3"];

/** A record as MaxMind's and ip-location-db's databases write it; nothing in it is trusted. */
interface Raw {
  readonly [key: string]: unknown;
}

const object = (value: unknown): Raw => (typeof value === "object" && value !== null ? (value as Raw) : {});
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= 512 ? value : undefined;
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const wholeOf = (value: unknown, max: number): number | undefined => {
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= max
    ? number
    : undefined;
};

function put(facts: Facts, path: string, value: string | number | undefined): void {
  if (value !== undefined) facts[path] = value;
}

/** Reads what we can name out of a record: country, city, place, autonomous system. */
export function factsOf(value: unknown): Facts {
  const record = object(value);
  const facts: Facts = {};
  const country = object(record.country);
  const code = textOf(country.iso_code) ?? textOf(record.country_code);
  const name = code && countryName(code);
  if (code && name) {
    facts["geolocation.countryCode"] = code;
    facts["geolocation.country"] = name;
  }
  const city = record.city;
  put(facts, "geolocation.city", textOf(city) ?? textOf(object(object(city).names).en));
  const place = record.location === undefined ? record : object(record.location);
  const latitude = numberOf(place.latitude);
  const longitude = numberOf(place.longitude);
  if (latitude !== undefined && longitude !== undefined) {
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
      facts["geolocation.latitude"] = latitude;
      facts["geolocation.longitude"] = longitude;
    }
  }
  put(facts, "geolocation.accuracy", wholeOf(place.accuracy_radius, 0xffff_ffff));
  const asn = wholeOf(record.autonomous_system_number, 0xffff_ffff);
  // 64-bit integers are text in the event (protojson).
  put(facts, "geolocation.asn", asn === undefined ? undefined : String(asn));
  put(facts, "geolocation.aso", textOf(record.autonomous_system_organization));
  return facts;
}

const unreadable = (file: string, why: string, cause?: unknown): VedetteError =>
  new VedetteError(
    "geo.unreadable",
    `The GeoIP database ${file} cannot be read: ${why}`,
    { verdict: "stop" },
    { cause },
  );

/** An open database in MaxMind format, held in memory. */
export class Database {
  /** When the database was made, milliseconds since 1970. */
  readonly built: number;
  readonly type: string;
  /** Look-ups that a damaged part of the file made impossible. */
  failures = 0;
  readonly #reader: Reader<Response>;

  private constructor(reader: Reader<Response>) {
    this.#reader = reader;
    this.built = reader.metadata.buildEpoch.getTime();
    this.type = reader.metadata.databaseType;
  }

  /** Opens and probes a file. Throws `geo.unreadable`, never anything else. */
  static async open(file: string): Promise<Database> {
    let bytes: Buffer;
    try {
      const { size } = await stat(file);
      if (size > MAX_BYTES) throw new RangeError(`it has ${size} bytes, the limit is ${MAX_BYTES}.`);
      bytes = await readFile(file);
    } catch (error) {
      throw unreadable(file, messageOf(error), error);
    }
    return Database.from(bytes, file);
  }

  /** Like `open`, on bytes already read; `file` is for messages. */
  static from(bytes: Buffer, file: string): Database {
    try {
      const reader = new Reader<Response>(bytes);
      const { metadata } = reader;
      const tree = metadata.nodeCount * metadata.nodeByteSize;
      if (metadata.binaryFormatMajorVersion !== 2) throw new RangeError("its format version is not 2.");
      if (!(metadata.nodeCount > 0) || tree + SEPARATOR > bytes.length) {
        throw new RangeError("its search tree is larger than the file.");
      }
      if (metadata.ipVersion !== 4 && metadata.ipVersion !== 6)
        throw new RangeError("its IP version is unknown.");
      if (!Number.isFinite(metadata.buildEpoch.getTime())) throw new RangeError("it has no build date.");
      for (const address of PROBES) reader.get(address);
      return new Database(reader);
    } catch (error) {
      throw unreadable(file, messageOf(error), error);
    }
  }

  /** Facts about an address that is neither special nor IPv4 wrapped in IPv6; undefined when nothing is known. */
  lookup(address: Address, text: string): Facts | undefined {
    if (address.version === 6 && this.#reader.metadata.ipVersion === 4) return undefined;
    try {
      const record: unknown = this.#reader.get(address.version === 4 ? formatV4(address) : text);
      return record === null ? undefined : factsOf(record);
    } catch {
      this.failures++;
      return undefined;
    }
  }
}
