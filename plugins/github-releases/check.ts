import type { Health, PeriodicCapability, PluginContext, Release } from "@vedette/sdk";
import { type Got, getJson } from "../_assets/get.ts";
import { repositoryOf } from "../_assets/releases.ts";
import type { Settings } from "./settings.ts";

const most = { repositories: 900, atOnce: 30, answerBytes: 2 * 2 ** 20 } as const;
const hour = 3_600_000;
const minute = 60_000;

/** What is known of a repository. Times in milliseconds since 1970. */
interface Known {
  readonly askedAt: number;
  readonly etag?: string;
  readonly version?: string;
  readonly url?: string;
  readonly problem?: string;
}

/** How the last look went, for people. */
interface Summary {
  readonly repositories: number;
  readonly left: number;
  readonly failed: number;
  readonly problem?: string;
}

/** Asks for one release of each repository, the longest unasked first, as often as the settings and GitHub allow. */
export const periodic: PeriodicCapability<Settings> = {
  every: 60,
  async tick(context) {
    const { state, clock, assets, settings } = context;
    const now = clock.now();
    const pausedUntil = (await state.get<number>("pausedUntil")) ?? 0;
    if (now < pausedUntil) return;
    const addresses = addressesOf(await assets.list());
    const repositories = [...addresses.keys()].slice(0, most.repositories);
    const known = new Map<string, Known>();
    for (const each of repositories)
      known.set(each, (await state.get<Known>(`repo:${each}`)) ?? { askedAt: 0 });
    const due = repositories
      .filter((each) => now - known.get(each)!.askedAt >= settings.intervalHours * hour)
      .sort((a, b) => known.get(a)!.askedAt - known.get(b)!.askedAt);
    const releases: Release[] = [];
    for (const repository of due.slice(0, most.atOnce)) {
      const asked = await ask(repository, known.get(repository)!, context);
      if ("pauseUntil" in asked) {
        await state.set("pausedUntil", asked.pauseUntil);
        context.log.info(
          { until: new Date(asked.pauseUntil).toISOString() },
          "GitHub answers no more questions for now.",
        );
        break;
      }
      known.set(repository, asked);
      await state.set(`repo:${repository}`, asked);
      const { version, url } = asked;
      if (version === undefined) continue;
      for (const releaseUrl of addresses.get(repository)!)
        releases.push({ releaseUrl, version, ...(url === undefined ? {} : { url }) });
    }
    if (releases.length > 0) await assets.released(releases);
    await summarise(known, addresses.size - repositories.length, context);
  },
};

/** How many programs are looked after, and what could not be answered. */
export async function health({ state, clock }: PluginContext<Settings>): Promise<Health> {
  const summary = await state.get<Summary>("summary");
  if (!summary) return { status: "healthy", message: "Nothing was asked yet." };
  const pausedUntil = (await state.get<number>("pausedUntil")) ?? 0;
  const parts = [`${summary.repositories} repositories are looked after.`];
  if (summary.left > 0) parts.push(`${summary.left} more are not: there are too many.`);
  if (summary.failed > 0) parts.push(`${summary.failed} could not be answered: ${summary.problem ?? ""}`);
  if (clock.now() < pausedUntil)
    parts.push(`GitHub answers again at ${new Date(pausedUntil).toISOString()}.`);
  return { status: parts.length > 1 ? "warning" : "healthy", message: parts.join(" ") };
}

/** The addresses that mean a repository, of active programs. */
function addressesOf(
  assets: Awaited<ReturnType<PluginContext<Settings>["assets"]["list"]>>,
): Map<string, Set<string>> {
  const addresses = new Map<string, Set<string>>();
  for (const { apps } of assets)
    for (const { releaseUrl, active } of apps) {
      const repository = releaseUrl === undefined || active === false ? undefined : repositoryOf(releaseUrl);
      if (repository === undefined || releaseUrl === undefined) continue;
      const known = addresses.get(repository);
      if (known) known.add(releaseUrl);
      else addresses.set(repository, new Set([releaseUrl]));
    }
  return addresses;
}

/** The newest release, else the newest tag of a repository that makes no releases. Throws where nobody answers. */
async function ask(
  repository: string,
  known: Known,
  context: PluginContext<Settings>,
): Promise<Known | { readonly pauseUntil: number }> {
  const now = context.clock.now();
  const { etag, ...before } = known;
  const got = await get(`/repos/${repository}/releases/latest`, etag, context);
  const pauseUntil = pauseOf(got, now);
  if (pauseUntil !== undefined) return { pauseUntil };
  if (got.status === 304) return { ...known, askedAt: now };
  if (got.status === 404) {
    const tags = await get(`/repos/${repository}/tags?per_page=1`, undefined, context);
    const pausedByTags = pauseOf(tags, now);
    if (pausedByTags !== undefined) return { pauseUntil: pausedByTags };
    const [tag] = Array.isArray(tags.body) ? (tags.body as { name?: unknown }[]) : [];
    const version = wordOf(tag?.name);
    if (version !== undefined)
      return { askedAt: now, version, url: `https://github.com/${repository}/tags`.slice(0, 2_048) };
    return { askedAt: now, problem: `${repository} has no release and no tag, or is not public.` };
  }
  const { tag_name: tagName, html_url: page } = (got.body ?? {}) as {
    tag_name?: unknown;
    html_url?: unknown;
  };
  const version = wordOf(tagName);
  if (got.status !== 200 || version === undefined)
    return { ...before, askedAt: now, problem: `${repository}: GitHub answered ${got.status}.` };
  const url =
    typeof page === "string" && /^https?:\/\//.test(page) && page.length <= 2_048 ? page : undefined;
  const next = got.headers.get("etag")?.slice(0, 200);
  return {
    ...{ askedAt: now, version },
    ...(url === undefined ? {} : { url }),
    ...(next === undefined ? {} : { etag: next }),
  };
}

function get(path: string, etag: string | undefined, context: PluginContext<Settings>): Promise<Got> {
  const { apiUrl, token } = context.settings;
  const headers = {
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    ...(etag === undefined ? {} : { "if-none-match": etag }),
  };
  // A repository that was renamed is a redirect of the API to itself.
  const sent = { headers, redirects: 2, maxBytes: most.answerBytes };
  return getJson(`${apiUrl.replace(/\/+$/, "")}${path}`, sent, context);
}

/** Until when GitHub wants no more questions: both its limits, and what any server says that is overloaded. */
function pauseOf({ status, headers }: Got, now: number): number | undefined {
  if (status !== 403 && status !== 429 && status < 500) return undefined;
  const wait = Number(headers.get("retry-after"));
  if (headers.get("retry-after") !== null && wait >= 0) return now + Math.min(wait * 1_000, 24 * hour);
  const reset = Number(headers.get("x-ratelimit-reset")) * 1_000;
  if (headers.get("x-ratelimit-remaining") === "0" && reset > now) return Math.min(reset, now + 24 * hour);
  return status === 403 && headers.get("x-ratelimit-remaining") !== "0" ? undefined : now + 5 * minute;
}

async function summarise(
  known: ReadonlyMap<string, Known>,
  left: number,
  { state }: PluginContext<Settings>,
): Promise<void> {
  const failed = [...known.values()].filter(({ problem }) => problem !== undefined);
  const problem = failed[0]?.problem;
  const summary: Summary = {
    ...{ repositories: known.size, left, failed: failed.length },
    ...(problem === undefined ? {} : { problem }),
  };
  await state.set("summary", summary);
}

const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= 300 ? value : undefined;
