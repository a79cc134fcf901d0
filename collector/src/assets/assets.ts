import { hash } from "node:crypto";
import { type Asset, type AssetApp, asset, type Clock, type Release } from "@vedette/sdk";
import type { ControlDatabase } from "../control/index.ts";
import { AssetLinks } from "./links.ts";
import { compareVersions } from "./version.ts";

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
  /** New, changed, active again, or gone; as they are now. */
  readonly changed: readonly Asset[];
  readonly seen: number;
  readonly gone: number;
  /** Left out, because they are not what an asset is. */
  readonly refused: readonly string[];
}

const maxAssets = 20_000;
const maxReleases = 20_000;
const maxApps = 1_000;
/** A change on another collector is seen this late at most. */
const lookAgainMs = 30_000;

/** What `events.assetId` says of an asset. */
export const assetIdOf = (plugin: string, id: string): string => `${plugin}/${id}`;

/** The assets that plugins report, in the control database. What is missing from a report stays, as inactive. */
export class Assets {
  /** By which events find their asset; brought up to date by `refresh`. */
  readonly links = new AssetLinks();
  readonly #database: ControlDatabase;
  readonly #clock: Clock;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(database: ControlDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Takes a whole report of a plugin. Throws a RangeError where it has too many assets; then all stays as it was. */
  async report(plugin: string, reports: Iterable<unknown> | AsyncIterable<unknown>): Promise<Reported> {
    const refused: string[] = [];
    const seen = new Map<string, Asset>();
    for await (const report of reports) {
      const parsed = asset.safeParse(report);
      if (!parsed.success) refused.push(refusalOf(parsed.error.issues[0]));
      else if (seen.size >= maxAssets) throw new RangeError(`A report has at most ${maxAssets} assets.`);
      else seen.set(parsed.data.id, parsed.data);
    }
    const known = new Map((await this.#rows(plugin)).map((row) => [row.id, row]));
    const now = this.#clock.now();
    const changed: Asset[] = [];
    const gone = [...known.values()].filter(({ id, active }) => active === 1 && !seen.has(id));
    await this.#database.transaction().execute(async (transaction) => {
      for (const [id, reported] of seen) {
        const old = known.get(id);
        const each = withLostApps(reported, old && readAsset(old.document));
        const document = JSON.stringify(each);
        if (old?.document !== document || old.active !== 1) changed.push(each);
        const row = { plugin, id, document, active: 1, first_seen: old?.first_seen ?? now, last_seen: now };
        await transaction
          .insertInto("assets")
          .values({ ...row, told_seen: null })
          .onConflict((conflict) =>
            conflict.columns(["plugin", "id"]).doUpdateSet({ document, active: 1, last_seen: now }),
          )
          .execute();
      }
      for (const { id } of gone)
        await transaction
          .updateTable("assets")
          .set({ active: 0 })
          .where("plugin", "=", plugin)
          .where("id", "=", id)
          .execute();
    });
    if (changed.length > 0 || gone.length > 0) await this.refresh(true);
    const releases = await this.#releases();
    return {
      changed: changed.map((each) => withReleases(each, releases)),
      ...{ seen: seen.size, gone: gone.length, refused },
    };
  }

  /** All that is known, by plugin and id. */
  async list(limit: number, onlyActive = false): Promise<KnownAsset[]> {
    let query = this.#database.selectFrom("assets").selectAll().orderBy("plugin").orderBy("id").limit(limit);
    if (onlyActive) query = query.where("active", "=", 1);
    const releases = await this.#releases();
    return (await query.execute()).flatMap(({ plugin, document, active, first_seen, last_seen }) => {
      const parsed = readAsset(document);
      return parsed === undefined
        ? []
        : [
            {
              ...{ plugin, asset: withReleases(parsed, releases), active: active === 1 },
              ...{ firstSeen: Number(first_seen), lastSeen: Number(last_seen) },
            },
          ];
    });
  }

  /** Notes newest releases; gives the active assets that have a program of theirs and look different now. */
  async released(releases: readonly Release[]): Promise<Asset[]> {
    const before = await this.#releases();
    const fresh = releases.filter(({ releaseUrl, version, url }) => {
      const known = before.get(releaseUrl);
      return known?.version !== version || known.url !== url;
    });
    if (fresh.length === 0) return [];
    if (before.size + fresh.length > maxReleases) await this.#forgetReleases(before);
    const now = this.#clock.now();
    for (const { releaseUrl, version, url = null } of fresh)
      await this.#database
        .insertInto("releases")
        .values({ release_url: releaseUrl, version, url, noted_at: now })
        .onConflict((conflict) => conflict.column("release_url").doUpdateSet({ version, url, noted_at: now }))
        .execute();
    const concerned = new Set(fresh.map(({ releaseUrl }) => releaseUrl));
    return (await this.list(maxAssets, true)).flatMap(({ asset: each }) =>
      each.apps.some(({ releaseUrl = "" }) => concerned.has(releaseUrl)) ? [each] : [],
    );
  }

  /** Assets of a plugin that were last seen before a time, and of which that was not told yet. */
  async stale(plugin: string, before: number, limit: number): Promise<KnownAsset[]> {
    const rows = await this.#database
      .selectFrom("assets")
      .selectAll()
      .where("plugin", "=", plugin)
      .where("last_seen", "<", before)
      .where((or) => or.or([or("told_seen", "is", null), or("told_seen", "<", or.ref("last_seen"))]))
      .orderBy("last_seen")
      .limit(limit)
      .execute();
    return rows.map(({ id, document, active, first_seen, last_seen }) => ({
      ...{ plugin, asset: readAsset(document) ?? asset.parse({ id, name: id }), active: active === 1 },
      ...{ firstSeen: Number(first_seen), lastSeen: Number(last_seen) },
    }));
  }

  /** Notes that it was told that an asset was last seen at a time. */
  async toldStale({ plugin, asset: { id }, lastSeen }: KnownAsset): Promise<void> {
    await this.#database
      .updateTable("assets")
      .set({ told_seen: lastSeen })
      .where("plugin", "=", plugin)
      .where("id", "=", id)
      .execute();
  }

  /** Brings `links` up to date, where that was done long ago or `now` is said. */
  async refresh(now = false): Promise<void> {
    if (!now && this.#clock.now() - this.#refreshedAt < lookAgainMs) return;
    this.#refreshedAt = this.#clock.now();
    const rows = await this.#database
      .selectFrom("assets")
      .select(["plugin", "id", "document"])
      .where("active", "=", 1)
      .limit(maxAssets)
      .execute();
    this.links.replace(
      rows.flatMap(({ plugin, id, document }) => {
        const parsed = readAsset(document);
        return parsed ? [{ assetId: assetIdOf(plugin, id), asset: parsed }] : [];
      }),
    );
  }

  #rows(plugin: string) {
    return this.#database.selectFrom("assets").selectAll().where("plugin", "=", plugin).execute();
  }

  async #releases(): Promise<ReadonlyMap<string, Release>> {
    const rows = await this.#database.selectFrom("releases").selectAll().limit(maxReleases).execute();
    return new Map(
      rows.map(({ release_url: releaseUrl, version, url }) => [
        releaseUrl,
        { releaseUrl, version, ...(url === null ? {} : { url }) },
      ]),
    );
  }

  /** Forgets releases of programs that no asset has any more. */
  async #forgetReleases(known: ReadonlyMap<string, Release>): Promise<void> {
    const used = new Set(
      (await this.list(maxAssets)).flatMap(({ asset: each }) =>
        each.apps.map(({ releaseUrl }) => releaseUrl),
      ),
    );
    for (const releaseUrl of known.keys())
      if (!used.has(releaseUrl))
        await this.#database.deleteFrom("releases").where("release_url", "=", releaseUrl).execute();
  }
}

/** An event's own id of an asset being offline: told again after a crash, it is the same event. */
export const offlineId = ({ plugin, asset: { id }, lastSeen }: KnownAsset): string =>
  hash("sha256", `offline\n${plugin}\n${id}\n${lastSeen}`).slice(0, 32);

/** The reported asset with those programs of before that it lacks, as inactive. */
function withLostApps(reported: Asset, old: Asset | undefined): Asset {
  const own = ({ active, updateAvailable, ...app }: AssetApp): AssetApp => app;
  const apps = reported.apps.map(own);
  const names = new Set(apps.map(({ name }) => name));
  const lost = (old?.apps ?? []).filter(({ name }) => !names.has(name));
  const kept = lost.slice(0, Math.max(0, maxApps - apps.length)).map((app) => ({ ...app, active: false }));
  return { ...reported, apps: [...apps, ...kept] };
}

/** The asset with what is known of the newest releases of its programs. */
function withReleases(given: Asset, releases: ReadonlyMap<string, Release>): Asset {
  return {
    ...given,
    apps: given.apps.map((app) => {
      const known = app.releaseUrl === undefined ? undefined : releases.get(app.releaseUrl);
      const latestVersion = app.latestVersion ?? known?.version;
      if (latestVersion === undefined) return app;
      const latestUrl = app.latestUrl ?? known?.url;
      const order = app.version === undefined ? undefined : compareVersions(latestVersion, app.version);
      return {
        ...{ ...app, latestVersion },
        ...(latestUrl === undefined ? {} : { latestUrl }),
        ...(order === undefined ? {} : { updateAvailable: order > 0 }),
      };
    }),
  };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const refusalOf = (issue: Issue | undefined): string =>
  issue === undefined ? "" : `${issue.path.map(String).join(".")}: ${issue.message}`.slice(0, 300);

/** What an older version wrote and this one does not understand is left out. */
const readAsset = (document: string): Asset | undefined => asset.safeParse(JSON.parse(document)).data;
