import { computed, signal } from "@preact/signals";
import { mayLeave } from "./unsaved.ts";

/** The views of the page, each at an address of its own. */
export const views = [
  "overview",
  "events",
  "incidents",
  "alerts",
  "silences",
  "scorecard",
  "actions",
  "risks",
  "sources",
  "audit",
  "jobs",
  "workflows",
  "notifications",
  "deliveries",
  "address",
  "assets",
  "plugins",
  "connections",
  "packs",
  "rollups",
  "answer",
] as const;
export type View = (typeof views)[number];

/** Everything a view shows follows from the address, so that an address can be sent to a colleague. */
const address = signal(new URL(location.href));

addEventListener("popstate", () => {
  const next = location.pathname + location.search;
  const here = address.peek().pathname + address.peek().search;
  const free = !leaves(next) || mayLeave(() => goTo(next));
  if (free) address.value = new URL(location.href);
  else history.pushState(null, "", here);
});

export const view = computed<View>(() => {
  const [, first] = address.value.pathname.split("/");
  return views.find((each) => each === first) ?? "overview";
});

export const from = computed(() => address.value.searchParams.get("from") ?? "-1h");
export const to = computed(() => address.value.searchParams.get("to") ?? "now");
export const query = computed(() => address.value.searchParams.get("q") ?? "");
export const filters = computed(() => address.value.searchParams.getAll("filter"));
/** The event, alert, plugin or connection whose details are open. */
export const selected = computed(() => address.value.searchParams.get("id") ?? "");
export const tailing = computed(() => address.value.searchParams.get("tail") === "1");
export const statuses = computed(() => address.value.searchParams.getAll("status"));
/** True where alerts are listed that nobody was told of. */
export const hiddenOnly = computed(() => address.value.searchParams.get("hidden") === "only");
/** Of counts: the tenant, the days back from today, and how long a period is. */
export const tenant = computed(() => address.value.searchParams.get("tenant") ?? "");
export const days = computed(() => address.value.searchParams.get("days") ?? "");
export const by = computed(() => address.value.searchParams.get("by") ?? "");
export const alertSeverities = computed(() => address.value.searchParams.getAll("severity"));

/** What to change in the address; `undefined` or an empty list takes a parameter out. */
export interface Change {
  readonly view?: View;
  readonly from?: string;
  readonly to?: string;
  readonly q?: string | undefined;
  readonly filter?: readonly string[];
  readonly id?: string | undefined;
  readonly tail?: string | undefined;
  readonly status?: readonly string[];
  readonly severity?: readonly string[];
  readonly hidden?: string | undefined;
  readonly tenant?: string | undefined;
  readonly days?: string | undefined;
  readonly by?: string | undefined;
}

/** The address after a change, for links. Going to another view keeps only the time range. */
export function addressOf(change: Change): string {
  const { view: next, ...parameters } = change;
  const params = new URLSearchParams();
  const keep = next === undefined ? [...address.value.searchParams] : keptBetweenViews();
  for (const [name, value] of keep) if (!(name in parameters)) params.append(name, value);
  for (const [name, value] of Object.entries(parameters))
    for (const each of value === undefined ? [] : [value].flat()) if (each !== "") params.append(name, each);
  const path = next === undefined ? address.value.pathname : next === "overview" ? "/" : `/${next}`;
  const search = params.toString().replaceAll("%3A", ":").replaceAll("%2F", "/");
  return search === "" ? path : `${path}?${search}`;
}

const keptBetweenViews = (): [string, string][] =>
  [...address.value.searchParams].filter(([name]) => name === "from" || name === "to");

export function go(change: Change, options: { readonly replace?: boolean } = {}): void {
  goTo(addressOf(change), options);
}

/** True where the address shows something else than now, rather than the same in another way. */
function leaves(next: string): boolean {
  const { pathname, searchParams } = new URL(next, location.href);
  return (
    pathname !== address.peek().pathname || searchParams.get("id") !== address.peek().searchParams.get("id")
  );
}

/** Goes to an address of this page; asks first where something typed would be lost. */
export function goTo(next: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (next === address.value.pathname + address.value.search) return;
  if (leaves(next) && !mayLeave(() => goTo(next, { replace }))) return;
  history[replace ? "replaceState" : "pushState"](null, "", next);
  address.value = new URL(location.href);
}

/** The search parameters of the API for what is shown. */
export function searchParams(extra: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams({ from: from.value, to: to.value });
  if (query.value !== "") params.set("q", query.value);
  for (const filter of filters.value) params.append("filter", filter);
  for (const [name, value] of Object.entries(extra)) params.set(name, value);
  return params.toString();
}
