import { type Batch, type Column, numberColumn, remap } from "@vedette/core/batch";
import { type AnyPlugin, type EnrichDeps, type Event, type Health, messageOf } from "@vedette/sdk";
import type { AssetLinks } from "../assets/index.ts";
import { addHits, addHitsToEvent, type Intel } from "./intel/index.ts";
import { mergeText } from "./merge.ts";
import { EnrichSource } from "./source.ts";

export interface EnrichLimits {
  /** Distinct values each enricher remembers. */
  readonly cacheSize: number;
}

/** Counters of one enricher since it was opened. */
export type EnrichStats = Readonly<EnrichSource["stats"]>;

/** Adds facts to batches. Never throws for what an enricher does. */
export interface EnrichStage {
  /** The batch with `ingestedAt` and every fact about its sides, each looked up once per distinct value. */
  enrich(batch: Batch): Batch;
  /** The same for one event object, in place; for tools that have no batch. */
  enrichEvent(event: Event): Event;
  /** Opens a plugin's enricher anew, with other settings. */
  reopen(plugin: AnyPlugin, settings: unknown): Promise<void>;
  stats(): Readonly<Record<string, EnrichStats>>;
  health(): Readonly<Record<string, Health>>;
  close(): Promise<void>;
}

const sides = ["origin", "target"] as const;

/**
 * Opens the enrichers of the given plugins with their settings by plugin id. One that cannot be opened is left
 * out and shown in `health`; the others work.
 */
export async function openEnrichStage(
  plugins: readonly AnyPlugin[],
  settings: Readonly<Record<string, unknown>>,
  deps: EnrichDeps & { readonly intel?: Intel; readonly links?: AssetLinks },
  limits: EnrichLimits = { cacheSize: 65_536 },
): Promise<EnrichStage> {
  const { intel, links } = deps;
  const sources: EnrichSource[] = [];
  const broken: Record<string, Health> = {};
  const open = async (plugin: AnyPlugin, given: unknown): Promise<EnrichSource | undefined> => {
    if (!plugin.enrich) return undefined;
    try {
      delete broken[plugin.id];
      const enricher = await plugin.enrich.open(plugin.settings.parse(given ?? {}), deps);
      return new EnrichSource(plugin, enricher, limits.cacheSize, deps.log);
    } catch (error) {
      broken[plugin.id] = { status: "error", message: `Could not be opened: ${messageOf(error)}` };
      deps.log.error(
        { error, plugin: plugin.id },
        "An enricher could not be opened; events go on without it.",
      );
      return undefined;
    }
  };
  for (const plugin of plugins) {
    const source = await open(plugin, settings[plugin.id]);
    if (source) sources.push(source);
  }

  return {
    enrich(batch) {
      const now = new BigInt64Array(batch.rows).fill(BigInt(Math.trunc(deps.clock.now())));
      // Facts of an earlier source are a later one's existing values, so the first in the list wins.
      let enriched = batch.with([numberColumn("ingestedAt", "time", now)]);
      for (const source of sources) {
        source.begin();
        const added = sides.flatMap((side) => factsOfSide(enriched, side, source));
        if (added.length > 0) enriched = enriched.with(added);
      }
      if (links) enriched = withAssets(enriched, links);
      return intel ? addHits(enriched, intel) : enriched;
    },
    enrichEvent(event) {
      event.ingestedAt = new Date(deps.clock.now()).toISOString();
      for (const source of sources) {
        source.begin();
        for (const side of sides) addFacts(event, side, source);
      }
      links?.event(event);
      if (intel) addHitsToEvent(event, intel);
      return event;
    },
    async reopen(plugin, given) {
      if (!plugin.enrich) return;
      const next = await open(plugin, given);
      const at = sources.findIndex((source) => source.id === plugin.id);
      // A batch under way has its own look at the list; the old source is closed behind it.
      const [old] = at < 0 ? [] : sources.splice(at, 1);
      if (next) sources.splice(at < 0 ? sources.length : at, 0, next);
      await old?.close();
    },
    stats: () => Object.fromEntries(sources.map((source) => [source.id, { ...source.stats }])),
    health: () => ({
      ...broken,
      ...(intel && intel.names.length > 0 ? { intel: intel.health() } : {}),
      ...Object.fromEntries(sources.map((source) => [source.id, source.health()])),
    }),
    close: async () => {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

function factsOfSide(batch: Batch, side: string, source: EnrichSource): Column[] {
  const column = batch.columns.get(`${side}.${source.from}`);
  if (column?.kind !== "text") return [];
  // As bytes: a text for each distinct address of each batch costs more than all else here.
  const texts = column.texts();
  const { places, sets } = source.distinct(texts);
  if (sets.every((set) => set === 0)) return [];
  const rows = texts.index ? remap(texts.index, places) : places;
  return source.fields.flatMap(({ path, facts }) => {
    const full = `${side}.${path}`;
    return facts.column(full, batch.columns.get(full), { sets, rows }) ?? [];
  });
}

/** The batch with the assets that its rows are about; what a row says itself stays. */
function withAssets(batch: Batch, links: AssetLinks): Batch {
  let linked = batch;
  for (const found of links.ofBatch(batch)) {
    const column = mergeText("assetId", linked.columns.get("assetId"), found);
    if (column) linked = linked.with([column]);
  }
  return linked;
}

function addFacts(event: Event, side: "origin" | "target", source: EnrichSource): void {
  const value = (event[side] as Record<string, unknown> | undefined)?.[source.from];
  const bytes = Buffer.from(typeof value === "string" ? value : "");
  const bounds = Uint32Array.of(0, bytes.length);
  const [set = 0] = source.distinct({ bytes, bounds, count: 1, index: undefined }).sets;
  if (set === 0) return;
  for (const { path, facts } of source.fields) {
    const fact = facts.get(set);
    if (fact !== undefined) setAbsent(event[side]!, path.split("."), fact);
  }
}

function setAbsent(side: object, path: readonly string[], fact: string | number): void {
  let node = side as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    node[key] ??= {};
    node = node[key] as Record<string, unknown>;
  }
  node[path.at(-1)!] ??= fact;
}
