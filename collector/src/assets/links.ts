import { type Batch, remap, type Texts } from "@vedette/core/batch";
import type { Asset, Event } from "@vedette/sdk";
import { hostOf } from "./host.ts";

/** Fields that say which asset an event is about, the most telling first. */
const linking = ["target.host", "dataSource", "target.ip"] as const;

/** An asset's names that an event may have. */
export interface Linkable {
  /** `plugin/id`, as in an event's `assetId`. */
  readonly assetId: string;
  readonly asset: Asset;
}

/** What of each row is linked: places in `values` by row. */
export interface RowLinks {
  readonly rows: Uint32Array;
  readonly values: readonly (string | undefined)[];
}

/** Tells the asset of a host or an address. */
export class AssetLinks {
  #byName: ReadonlyMap<string, string> = new Map();

  /** Takes these assets in place of those before. Of several with one name, the first by id has it. */
  replace(assets: readonly Linkable[]): void {
    const byName = new Map<string, string>();
    const sorted = assets.toSorted((a, b) => (a.assetId < b.assetId ? -1 : a.assetId > b.assetId ? 1 : 0));
    // What people wrote for this purpose comes before names and addresses.
    for (const namesOf of [urlsOf, namesOfHost])
      for (const { assetId, asset } of sorted)
        for (const name of namesOf(asset)) if (!byName.has(name)) byName.set(name, assetId);
    this.#byName = byName;
  }

  get empty(): boolean {
    return this.#byName.size === 0;
  }

  /** The asset of a host as a log says it. */
  assetOf(host: string): string | undefined {
    const exact = this.#byName.get(host);
    if (exact !== undefined || host === "") return exact;
    const plain = hostOf(host);
    return plain === undefined || plain === host ? undefined : this.#byName.get(plain);
  }

  /** The names that lead to an asset now, lower case. */
  namesOf(assetId: string): string[] {
    const names = [...this.#byName].flatMap(([name, found]) =>
      found === assetId ? [name.toLowerCase()] : [],
    );
    return [...new Set(names)];
  }

  /** For each field that tells an asset, the rows that it tells one of; the most telling first. */
  *ofBatch(batch: Batch): Generator<RowLinks> {
    if (this.empty) return;
    for (const path of linking) {
      const column = batch.columns.get(path);
      if (column?.kind !== "text") continue;
      const texts = column.texts();
      const values = [...this.#ofTexts(texts)];
      if (values.every((each) => each === undefined)) continue;
      const places = Uint32Array.from(values, (_, place) => place);
      yield { rows: texts.index ? remap(texts.index, places) : places, values };
    }
  }

  /** Links one event, in place, unless it says an asset itself. */
  event(event: Event): void {
    if (this.empty || event.assetId) return;
    for (const value of [event.target?.host, event.dataSource, event.target?.ip]) {
      const found = value ? this.assetOf(value) : undefined;
      if (found === undefined) continue;
      event.assetId = found;
      return;
    }
  }

  *#ofTexts({ bytes, bounds, count }: Texts): Generator<string | undefined> {
    for (let at = 0; at < count; at++)
      yield this.assetOf(bytes.toString("utf8", bounds[at * 2]!, bounds[at * 2 + 1]!));
  }
}

const urlsOf = ({ apps }: Asset): string[] =>
  apps.flatMap(({ hostUrl = "", active }) => (active === false ? [] : (hostOf(hostUrl) ?? [])));

/** All names by which events find an asset. */
export const hostsOf = (asset: Asset): string[] => [...new Set([...urlsOf(asset), ...namesOfHost(asset)])];

/** Its name as it is written too: sources that are no hosts have names of their own. */
const namesOfHost = ({ name, hostnames, ips }: Asset): string[] => [
  name,
  ...[name, ...hostnames, ...ips].flatMap((each) => hostOf(each) ?? []),
];
