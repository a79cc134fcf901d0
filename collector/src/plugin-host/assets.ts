import { type Asset, asset, type Clock } from "@vedette/sdk";
import type { ControlDatabase } from "../control/index.ts";

/** An asset as it is known, with who reported it. Times in milliseconds since 1970. */
export interface KnownAsset {
  readonly plugin: string;
  readonly asset: Asset;
  /** False once a report of its plugin no longer had it. */
  readonly active: boolean;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** What a report changed. */
export interface Reported {
  /** New, changed, or active again. */
  readonly changed: readonly Asset[];
  readonly gone: number;
  /** Left out, because they are not what an asset is. */
  readonly refused: readonly string[];
}

const maxAssets = 20_000;

/** The assets that plugins report, in the control database. What is missing from a report stays, as inactive. */
export class Assets {
  readonly #database: ControlDatabase;
  readonly #clock: Clock;

  constructor(database: ControlDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Takes a whole report of a plugin. */
  async report(plugin: string, reports: Iterable<unknown> | AsyncIterable<unknown>): Promise<Reported> {
    const refused: string[] = [];
    const seen = new Map<string, Asset>();
    for await (const report of reports) {
      const parsed = asset.safeParse(report);
      if (!parsed.success) refused.push(parsed.error.issues[0]?.message ?? "");
      else if (seen.size >= maxAssets) throw new RangeError(`A report has at most ${maxAssets} assets.`);
      else seen.set(parsed.data.id, parsed.data);
    }
    const known = new Map((await this.#rows(plugin)).map((row) => [row.id, row]));
    const now = this.#clock.now();
    const changed: Asset[] = [];
    await this.#database.transaction().execute(async (transaction) => {
      for (const [id, each] of seen) {
        const document = JSON.stringify(each);
        const old = known.get(id);
        if (old?.document !== document || old.active !== 1) changed.push(each);
        const row = { plugin, id, document, active: 1, first_seen: old?.first_seen ?? now, last_seen: now };
        await transaction
          .insertInto("assets")
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(["plugin", "id"]).doUpdateSet({ document, active: 1, last_seen: now }),
          )
          .execute();
      }
      for (const { id, active } of known.values())
        if (active === 1 && !seen.has(id))
          await transaction
            .updateTable("assets")
            .set({ active: 0 })
            .where("plugin", "=", plugin)
            .where("id", "=", id)
            .execute();
    });
    const gone = [...known.values()].filter(({ id, active }) => active === 1 && !seen.has(id)).length;
    return { changed, gone, refused };
  }

  /** All that is known, by plugin and name. */
  async list(limit: number, onlyActive = false): Promise<KnownAsset[]> {
    let query = this.#database.selectFrom("assets").selectAll().orderBy("plugin").orderBy("id").limit(limit);
    if (onlyActive) query = query.where("active", "=", 1);
    return (await query.execute()).flatMap(({ plugin, document, active, first_seen, last_seen }) => {
      const parsed = readAsset(document);
      return parsed === undefined
        ? []
        : [
            {
              ...{ plugin, asset: parsed, active: active === 1 },
              ...{ firstSeen: Number(first_seen), lastSeen: Number(last_seen) },
            },
          ];
    });
  }

  #rows(plugin: string) {
    return this.#database.selectFrom("assets").selectAll().where("plugin", "=", plugin).execute();
  }
}

/** What an older version wrote and this one does not understand is left out. */
const readAsset = (document: string): Asset | undefined => asset.safeParse(JSON.parse(document)).data;
