import { type Clock, type Egress, type Logger, messageOf } from "@vedette/sdk";
import { countryName } from "./country.ts";
import type { Facts } from "./database.ts";

interface Options {
  /** Address that takes a list of addresses and answers a list of facts, as `/batch` of ip-api.com does. */
  readonly url: string;
  readonly perMinute: number;
  readonly egress: Egress;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Answer {
  /** Undefined where the provider knows nothing of the address. */
  readonly facts: Facts | undefined;
  readonly until: number;
}

const most = { remembered: 20_000, waiting: 1_000, atOnce: 100, bytes: 262_144 } as const;
const [day, hour, minute] = [86_400_000, 3_600_000, 60_000];
const [knownFor, unknownFor] = [30 * day, hour];
const stepMs = 2_000;
/** Answers that came meanwhile are given to events that come at most so much later. */
const editionMs = 15_000;
/** What is asked of each address. */
const fields = "status,query,countryCode,city,lat,lon,as,isp,org";

/**
 * Facts from a provider on the internet. Nothing waits for it: an address is asked for in the background, and what comes back is
 * for events that come later. Bounded in what it remembers, in what waits, and in requests a minute.
 */
export class OnlineFacts {
  readonly #options: Options;
  readonly #answers = new Map<string, Answer>();
  readonly #waiting = new Set<string>();
  readonly #asked: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #notBefore = 0;
  #editionAt = 0;
  #news = false;
  #busy = false;
  /** Grows when there are facts that earlier answers lacked. */
  edition = 0;
  /** Addresses that were not asked for, because too many waited. */
  dropped = 0;
  problem: string | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#timer = setInterval(() => void this.step(), stepMs).unref();
    options.signal.addEventListener("abort", this.close, { once: true });
  }

  /** What is known of a public address; what is not is asked for. The caller keeps special addresses away. */
  lookup(address: string): Facts | undefined {
    const now = this.#options.clock.now();
    const known = this.#answers.get(address);
    if (known && known.until > now) return known.facts;
    if (this.#waiting.size < most.waiting) this.#waiting.add(address);
    else if (!this.#waiting.has(address)) this.dropped++;
    return known?.facts;
  }

  /** One step: at most one request. Never rejects. */
  async step(): Promise<void> {
    const { clock, perMinute, log } = this.#options;
    const now = clock.now();
    if (this.#news && now - this.#editionAt >= editionMs) {
      this.#news = false;
      this.#editionAt = now;
      this.edition++;
    }
    while (this.#asked.length > 0 && this.#asked[0]! <= now - minute) this.#asked.shift();
    if (this.#busy || this.#waiting.size === 0 || now < this.#notBefore || this.#asked.length >= perMinute)
      return;
    this.#busy = true;
    this.#asked.push(now);
    const batch = [...this.#waiting].slice(0, most.atOnce);
    try {
      await this.#ask(batch);
      this.problem = undefined;
    } catch (error) {
      if (this.problem === undefined)
        log.warn({ reason: messageOf(error) }, "The GeoIP provider cannot be asked.");
      this.problem = messageOf(error);
      this.#notBefore = Math.max(this.#notBefore, clock.now() + minute);
    } finally {
      this.#busy = false;
    }
  }

  get remembered(): number {
    return this.#answers.size;
  }

  readonly close = (): void => {
    clearInterval(this.#timer);
    this.#options.signal.removeEventListener("abort", this.close);
  };

  async #ask(batch: readonly string[]): Promise<void> {
    const { url, egress, clock, signal } = this.#options;
    const to = new URL(url);
    to.searchParams.set("fields", fields);
    const response = await egress.fetch(to, {
      ...{ method: "POST", body: JSON.stringify(batch), headers: { "content-type": "application/json" } },
      ...{ redirects: 0, maxBytes: most.bytes, idleMs: 10_000, signal },
    });
    const text = await response.text();
    const now = clock.now();
    // Requests that are left in this window, and its seconds: what ip-api.com asks to be heeded.
    const wait = Number(response.headers.get("retry-after") ?? response.headers.get("x-ttl") ?? 0);
    if (response.headers.get("x-rl") === "0" || response.status === 429)
      this.#notBefore = now + Math.min(Math.max(wait, 1), 3_600) * 1_000;
    if (response.status === 429) throw new Error("it says that it is asked too often.");
    if (response.status !== 200) throw new Error(`it answered ${response.status}.`);
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) throw new Error("it answered no list.");
    const asked = new Set(batch);
    for (const each of list as unknown[]) this.#keep(each, asked, now);
    // What it does not speak of is not asked for again soon.
    for (const address of asked) this.#put(address, { facts: undefined, until: now + unknownFor });
    for (const address of batch) this.#waiting.delete(address);
  }

  #keep(given: unknown, asked: Set<string>, now: number): void {
    const told = (typeof given === "object" && given !== null ? given : {}) as Record<string, unknown>;
    const address = told["query"];
    if (typeof address !== "string" || !asked.delete(address)) return;
    const facts = told["status"] === "success" ? factsOf(told) : undefined;
    this.#put(address, { facts, until: now + (facts ? knownFor : unknownFor) });
    if (facts) this.#news = true;
  }

  /** The oldest leave where there are too many. */
  #put(address: string, answer: Answer): void {
    this.#answers.delete(address);
    this.#answers.set(address, answer);
    if (this.#answers.size > most.remembered)
      for (const oldest of this.#answers.keys()) return void this.#answers.delete(oldest);
  }
}

/** Nothing of an answer is trusted. */
function factsOf({ countryCode, city, lat, lon, as, isp, org }: Record<string, unknown>): Facts | undefined {
  const facts: Facts = {};
  const text = (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" && value.length <= 512 ? value : undefined;
  const name = typeof countryCode === "string" ? countryName(countryCode) : undefined;
  if (name !== undefined) {
    facts["geolocation.countryCode"] = countryCode as string;
    facts["geolocation.country"] = name;
  }
  const place = text(city);
  if (place !== undefined) facts["geolocation.city"] = place;
  if (typeof lat === "number" && typeof lon === "number" && Math.abs(lat) <= 90 && Math.abs(lon) <= 180) {
    facts["geolocation.latitude"] = lat;
    facts["geolocation.longitude"] = lon;
  }
  const [, asn] = /^AS(\d{1,10})\b/.exec(text(as) ?? "") ?? [];
  if (asn !== undefined && Number(asn) <= 0xffff_ffff) facts["geolocation.asn"] = asn;
  const aso = text(isp) ?? text(org);
  if (aso !== undefined) facts["geolocation.aso"] = aso;
  return Object.keys(facts).length > 0 ? facts : undefined;
}
