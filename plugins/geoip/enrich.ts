import { createRequire } from "node:module";
import type { Deps, EnrichCapability, EnrichDeps, Enricher, Health } from "@vedette/sdk";
import { formatV4, parseAddress, unwrap } from "./address.ts";
import { openAsnTable } from "./asn-source.ts";
import type { AsnTable } from "./asn-table.ts";
import { Database, type Facts } from "./database.ts";
import { OnlineFacts } from "./online.ts";
import type { Settings } from "./settings.ts";
import { isSpecial } from "./special.ts";
import { WatchedDatabase } from "./watched.ts";

const DAY = 86_400_000;
/** Countries move little in three months; after that a file is called old. */
export const MAX_AGE_DAYS = 90;

/** One opened source of facts, whatever its format. */
interface Opened {
  readonly name: string;
  readonly built: number;
  lookup(address: ReturnType<typeof unwrap>, text: string): Facts | undefined;
  failures(): number;
  /** Grows when its answers change. */
  edition?(): number;
  /** Why its newest file is not in use. */
  problem?(): string | undefined;
  close?(): void;
}

const require = createRequire(import.meta.url);

/** The version of an ip-location-db package ends in its date: 2.3.2026061719 is 17 June 2026, 19 h. */
export function dateOfVersion(version: string): number {
  const [, year, month, day, hour] = /\.(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour));
}

function fromDatabase(name: string, database: Database): Opened {
  return {
    name,
    built: database.built,
    lookup: (address, text) => database.lookup(address, text),
    failures: () => database.failures,
  };
}

function fromWatched(name: string, database: WatchedDatabase): Opened {
  return {
    name,
    get built() {
      return database.built;
    },
    lookup: (address, text) => database.lookup(address, text),
    failures: () => database.failures,
    edition: () => database.edition,
    problem: () => database.problem,
    close: database.close,
  };
}

function fromTable(table: AsnTable, built: number): Opened {
  return {
    name: "asn",
    built,
    lookup: (address) => {
      const network = table.lookup(address);
      return network && { "geolocation.asn": String(network.asn), "geolocation.aso": network.organisation };
    },
    failures: () => 0,
  };
}

async function openCountries(settings: Settings, deps: Deps): Promise<Opened> {
  if (settings.database) return fromWatched("country", await WatchedDatabase.open(settings.database, deps));
  const file = require.resolve("@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb");
  return fromDatabase("country", await Database.open(file));
}

async function openNetworks(settings: Settings, deps: EnrichDeps): Promise<Opened> {
  if (settings.asnDatabase) return fromWatched("asn", await WatchedDatabase.open(settings.asnDatabase, deps));
  const { version } = require("@ip-location-db/asn/package.json") as { version: string };
  const source = {
    v4: require.resolve("@ip-location-db/asn/asn-ipv4-num.csv"),
    v6: require.resolve("@ip-location-db/asn/asn-ipv6.csv"),
    edition: version,
  };
  return fromTable(await openAsnTable(source, deps, deps.stateDir), dateOfVersion(version));
}

function healthOf(sources: readonly Opened[], now: number): Health {
  const failures = sources.reduce((sum, source) => sum + source.failures(), 0);
  const ages = sources.map(({ name, built }) => {
    const days = Math.floor((now - built) / DAY);
    return { days, text: `${name} data of ${new Date(built).toISOString().slice(0, 10)} (${days} days old)` };
  });
  const message = `${ages.map((age) => age.text).join(", ")}.`;
  const databases = sources.map(({ name, built }) => ({ name, builtAt: new Date(built).toISOString() }));
  const [problem] = sources.flatMap((source) => source.problem?.() ?? []);
  if (problem !== undefined)
    return { status: "warning", message: `${message} A newer file is not in use: ${problem}`, databases };
  if (failures > 0)
    return {
      status: "error",
      message: `${message} A database is damaged: ${failures} look-ups failed.`,
      databases,
    };
  if (ages.some((age) => age.days > MAX_AGE_DAYS)) {
    return {
      status: "warning",
      message: `${message} Replace what is older than ${MAX_AGE_DAYS} days.`,
      databases,
    };
  }
  return { status: "healthy", message, databases };
}

function openOnline({ onlineUrl, onlinePerMinute }: Settings, deps: EnrichDeps): OnlineFacts | undefined {
  const { egress, log, clock, signal } = deps;
  return (
    egress && new OnlineFacts({ url: onlineUrl, perMinute: onlinePerMinute, egress, log, clock, signal })
  );
}

/** What the provider adds to a word on how it is. */
function withOnline(health: Health, online: OnlineFacts | undefined): Health {
  if (!online) return health;
  const said = `${health.message} The provider told of ${online.remembered} addresses`;
  const dropped = online.dropped > 0 ? `, ${online.dropped} were not asked for` : "";
  if (online.problem === undefined) return { ...health, message: `${said}${dropped}.` };
  const status = health.status === "healthy" ? "warning" : health.status;
  return { ...health, status, message: `${said}${dropped}; last: ${online.problem}` };
}

/** Country, city and autonomous system of an address. Private and reserved addresses are never looked up. */
export const enrich: EnrichCapability<Settings> = {
  from: "ip",
  to: ["country", "countryCode", "city", "latitude", "longitude", "accuracy", "asn", "aso"].map(
    (leaf) => `geolocation.${leaf}`,
  ),
  async open(settings: Settings, deps: EnrichDeps): Promise<Enricher> {
    const sources = settings.enabled
      ? await Promise.all([openCountries(settings, deps), openNetworks(settings, deps)])
      : [];
    const online = settings.enabled && settings.online ? openOnline(settings, deps) : undefined;
    return {
      lookup(value) {
        const parsed = parseAddress(value);
        if (!parsed) return undefined;
        const address = unwrap(parsed);
        if (isSpecial(address)) return undefined;
        let facts: Facts | undefined;
        for (const source of sources) {
          const found = source.lookup(address, value);
          // The first source wins: a city database may name the network too.
          if (found) facts = facts ? { ...found, ...facts } : found;
        }
        if (online && facts?.["geolocation.city"] === undefined) {
          const found = online.lookup(
            address.version === 4 ? formatV4(address) : (value.split("%", 1)[0] ?? ""),
          );
          if (found) facts = { ...found, ...facts };
        }
        return facts;
      },
      edition: () => sources.reduce((sum, source) => sum + (source.edition?.() ?? 0), online?.edition ?? 0),
      health: () =>
        settings.enabled
          ? withOnline(healthOf(sources, deps.clock.now()), online)
          : { status: "healthy", message: "Switched off." },
      async close() {
        for (const source of sources) source.close?.();
        online?.close();
      },
    };
  },
};
