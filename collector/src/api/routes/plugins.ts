import { createRoute, z } from "@hono/zod-openapi";
import {
  type AnyPlugin,
  capabilities,
  capabilitiesOf,
  localText,
  type SettingField,
  settingFields,
  settingTypes,
} from "@vedette/sdk";
import {
  type Effective,
  type OpenedPlugins,
  type PluginEntry,
  type SettingProblem,
  SettingsRefused,
  threadStats,
} from "../../plugin-host/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const language = z.enum(["en", "de"]).default("en").openapi({ description: "Language of labels." });
const time = z.iso.datetime();
const conditions = ["healthy", "warning", "error", "disabled"] as const;

const component = z
  .object({
    role: z.string().openapi({ description: "What this part of the plugin does.", example: "collect" }),
    status: z.enum(["healthy", "error"]),
    calls: z.int(),
    errors: z.int(),
    dropped: z.int().openapi({ description: "Handed over or given, and left out." }),
    waiting: z.int(),
    busyMs: z.number(),
    blockedMs: z.number().openapi({
      description: "Time in which it held the whole process, in calls that held it for more than 100 ms.",
    }),
    longestBlockMs: z.number(),
    lastRunAt: time.optional(),
    lastError: z.object({ at: time, message: z.string() }).optional(),
    backlog: z.object({ more: z.boolean(), percent: z.number().optional() }).optional(),
  })
  .openapi("PluginComponent");

/** A plugin that is a program of its own, over a socket. */
const program = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(conditions),
    message: z.string(),
    restarts: z.int(),
    calls: z.int(),
    errors: z.int(),
    waiting: z.int(),
    dropped: z.int(),
    drops: z.record(z.string(), z.int()).openapi({
      description: "What was dropped, by reason: queue_full, away, failed.",
    }),
    lastError: z.string().optional(),
    rssBytes: z.int().optional(),
    cpuSeconds: z.number().optional(),
  })
  .openapi("PluginProgram");

const item = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    description: z.string(),
    author: z.string().optional(),
    capabilities: z.array(z.enum(capabilities as [string, ...string[]])),
    condition: z.enum(conditions),
    message: z.string().openapi({ description: "A sentence about the condition." }),
  })
  .openapi("PluginItem");

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const field = z
  .object({
    key: z.string(),
    type: z.enum(settingTypes),
    secret: z.boolean(),
    label: z.string(),
    help: z.string(),
    default: z.unknown(),
    options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    maxLength: z.number().optional(),
    visibleIf: z.object({ key: z.string(), is: z.union([scalar, z.array(scalar)]) }).optional(),
    connection: z
      .string()
      .optional()
      .openapi({ description: "The value is the name of a connection of this kind of the plugin." }),
    value: z.unknown().openapi({ description: "What holds now. Of a secret: whether one is set." }),
    locked: z.boolean().openapi({ description: "Set in vedette.yaml; it is changed there." }),
    stored: z.boolean().openapi({ description: "Neither locked nor at its default." }),
  })
  .openapi("SettingField");

const detail = item
  .extend({
    guarantees: z.string().optional(),
    settings: z.array(field),
    problems: z.array(z.object({ key: z.string(), message: z.string() })),
    components: z.array(component),
    thread: z
      .object({ isRunning: z.boolean(), restarts: z.int(), heapBytes: z.int(), cpuSeconds: z.number() })
      .optional()
      .openapi({ description: "Where its hooks run in a thread of their own (collector.pluginThreads)." }),
    page: z.object({ title: z.string(), widgets: z.array(z.string()) }).optional(),
    views: z.array(z.object({ id: z.string(), name: z.string(), query: z.string() })),
  })
  .openapi("Plugin");

const widget = z
  .object({
    plugin: z.string(),
    id: z.string(),
    kind: z.enum(["counter", "trend", "top", "feed"]),
    title: z.string(),
    data: z.string().openapi({
      description:
        "Address below `/api/v1` that answers its data: events, a histogram, or most frequent values.",
      example: "/events/top?field=origin.ip&q=eventType%3Asecurity.ban&from=-24h",
    }),
    onPage: z.boolean().openapi({
      description: "True where it is part of the plugin's own page rather than of the overview.",
    }),
    onAddress: z.boolean().openapi({
      description:
        "True where it is shown with an address: its data is asked with one more `filter`, such as `origin.ip:cidr:203.0.113.7/32`.",
    }),
  })
  .openapi("Widget");

const params = z.object({ id: z.string().max(64) });
const changes = z.record(z.string().max(100), scalar.nullable()).openapi({
  description: "Values by key; null takes a setting back to its default.",
  example: { enabled: true },
});
const query = z.strictObject({ lang: language });
const body = { required: true, content: { "application/json": { schema: changes } } };

const list = createRoute({
  ...{ method: "get", path: "/plugins", summary: "Plugins" },
  request: { query },
  responses: {
    200: jsonAnswer(
      listOf(item).extend({
        broken: z.array(z.object({ place: z.string(), reason: z.string() })),
        programs: z.array(program).openapi({ description: "Plugins over sockets." }),
      }),
      "All plugins of this collector, and what could not be loaded.",
    ),
    ...problems,
  },
});
const one = createRoute({
  ...{ method: "get", path: "/plugins/{id}", summary: "One plugin with its settings and diagnostics" },
  request: { params, query },
  responses: { 200: jsonAnswer(detail, "The plugin. Secrets are never part of it."), ...problems },
});
const check = createRoute({
  ...{ method: "post", path: "/plugins/{id}/settings/check", summary: "Check settings without storing them" },
  request: { params, query, body },
  responses: {
    200: jsonAnswer(
      z.object({ problems: z.array(z.object({ key: z.string(), message: z.string() })) }),
      "What does not fit; empty where all does.",
    ),
    ...problems,
  },
});
const save = createRoute({
  ...{ method: "patch", path: "/plugins/{id}/settings", summary: "Change settings of a plugin" },
  description: "All or none. The plugin runs with them at once.",
  request: { params, query, body },
  responses: { 200: jsonAnswer(detail, "The plugin with its new settings."), ...problems },
});
const again = createRoute({
  ...{ method: "post", path: "/plugins/rediscover", summary: "Look through the plugin folders again" },
  request: { query },
  responses: {
    200: jsonAnswer(z.object({ plugins: z.int(), broken: z.int() }), "How many there are."),
    ...problems,
  },
});
const exporting = createRoute({
  ...{
    method: "post",
    path: "/plugins/export-assets",
    summary: "Give all assets to the plugins that export them",
  },
  request: { query },
  responses: { 202: jsonAnswer(z.object({ assets: z.int() }), "So many were handed over."), ...problems },
});

const widgets = createRoute({
  ...{
    method: "get",
    path: "/widgets",
    summary: "Widgets of the plugins that are switched on, or whose logs are read",
  },
  description: "What plugins add to the overview and to their own pages, as data only.",
  request: { query },
  responses: { 200: jsonAnswer(listOf(widget), "Widgets by plugin."), ...problems },
});

/** Plugins: what there is, how it does, and its settings. */
export function pluginRoutes(api: Router, deps: ApiDeps): void {
  const opened = (): OpenedPlugins => {
    const plugins = deps.plugins();
    if (plugins) return plugins;
    throw new Problem("store-unavailable", "Plugins are being opened.", { cure: "Try again in a moment." });
  };
  const entryOf = (id: string): PluginEntry => {
    const entry = opened().host.get(id);
    if (!entry) throw new Problem("not-found", `There is no plugin "${id.slice(0, 64)}".`);
    return entry;
  };

  api.openapi(list, (c) => {
    const { host } = opened();
    const { lang } = c.req.valid("query");
    return c.json(
      {
        items: host.list().map((entry) => itemOf(entry, lang)),
        next: null,
        broken: [...host.broken],
        programs: deps.programs?.() ?? [],
      },
      200,
    );
  });
  // While plugins are being opened there are none: the overview does without, rather than failing.
  api.openapi(widgets, (c) => {
    const { lang } = c.req.valid("query");
    const active = (deps.plugins()?.host.list() ?? []).filter(
      // Logs are read by agents, whether the plugin does anything here or not.
      ({ enabled, plugin }) => enabled || plugin.parse !== undefined,
    );
    return c.json({ items: active.flatMap(({ plugin }) => widgetsOf(plugin, lang)), next: null }, 200);
  });
  api.openapi(again, async (c) => {
    const plugins = opened();
    await plugins.rediscover();
    return c.json({ plugins: plugins.host.list().length, broken: plugins.host.broken.length }, 200);
  });
  api.openapi(exporting, async (c) => c.json({ assets: await opened().host.exportAssets() }, 202));
  api.openapi(one, (c) =>
    c.json(pluginDetail(entryOf(c.req.valid("param").id), c.req.valid("query").lang), 200),
  );
  api.openapi(check, async (c) => {
    const { id } = c.req.valid("param");
    entryOf(id);
    const refused = await refusedOf(() => opened().host.preview(id, c.req.valid("json")));
    return c.json({ problems: [...refused] }, 200);
  });
  api.openapi(save, async (c) => {
    const { id } = c.req.valid("param");
    entryOf(id);
    const actor = c.get("caller").name;
    const refused = await refusedOf(() => opened().host.save(id, c.req.valid("json"), actor));
    const [first] = refused;
    if (first)
      throw new Problem("bad-body", `The setting "${first.key}" does not fit: ${first.message}`, {
        ...{ parameter: first.key, problems: refused },
      });
    return c.json(pluginDetail(entryOf(id), c.req.valid("query").lang), 200);
  });
}

async function refusedOf(work: () => Promise<unknown>): Promise<readonly SettingProblem[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems;
    throw error;
  }
}

function itemOf(entry: PluginEntry, lang: "en" | "de") {
  const { plugin, condition, message } = entry;
  const { id, name, version, author } = plugin;
  return {
    ...{ id, name, version, condition, message: lang === "de" ? inGerman(message) : message },
    description: plugin.locales[lang]["description"] ?? plugin.description,
    ...(author !== undefined && { author }),
    capabilities: capabilitiesOf(plugin),
  };
}

/** The host's own sentences about a condition; what plugins and settings say of themselves stays as it is. */
function inGerman(message: string): string {
  if (message === "Ready.") return "Bereit.";
  if (message === "Switched off.") return "Ausgeschaltet.";
  return message
    .replace(/^(\w+) did not end within ([\d.]+) s\.$/, "$1 endete nicht innerhalb von $2 s.")
    .replace(
      /^(\w+) is still busy with an earlier call\.$/,
      "$1 ist noch mit einem früheren Aufruf beschäftigt.",
    );
}

/** Where the data of a widget of each kind comes from. */
const dataOf = {
  counter: "/events/histogram",
  trend: "/events/histogram",
  top: "/events/top",
  feed: "/events",
};

function widgetsOf(plugin: AnyPlugin, lang: "en" | "de") {
  return (plugin.widgets ?? []).map((each) => {
    const search = new URLSearchParams({ q: each.query, from: `-${each.range}` });
    if (each.kind === "top") search.set("field", each.field);
    if ("limit" in each && each.limit !== undefined) search.set("limit", String(each.limit));
    const title = localText(plugin.locales, lang, `widget.${each.id}`) ?? each.id;
    const data = `${dataOf[each.kind]}?${search}`;
    const onPage = plugin.page?.widgets.includes(each.id) === true;
    const onAddress = each.on === "address";
    return { plugin: plugin.id, id: each.id, kind: each.kind, title, data, onPage, onAddress };
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A plugin with its settings, without secrets. */
export function pluginDetail(entry: PluginEntry, lang: "en" | "de") {
  const { plugin, effective } = entry;
  const thread = threadStats(plugin);
  const text = (key: string): string => localText(plugin.locales, lang, key) ?? key;
  return {
    ...itemOf(entry, lang),
    ...(plugin.guarantees !== undefined && { guarantees: plugin.guarantees }),
    settings: settingFields(plugin.settings, plugin.locales, lang).map((each) => shownOf(each, effective)),
    problems: [...effective.problems],
    components: entry.components().map(({ lastRunAt, lastError, ...stats }) => ({
      ...stats,
      ...(lastRunAt !== undefined && { lastRunAt: iso(lastRunAt) }),
      ...(lastError && { lastError: { at: iso(lastError.at), message: lastError.message } }),
    })),
    ...(thread && { thread: { ...thread } }),
    ...(plugin.page && { page: { title: text("page"), widgets: [...plugin.page.widgets] } }),
    views: (plugin.views ?? []).map((view) => ({ ...view, name: text(`view.${view.id}`) })),
  };
}

function shownOf({ options, visibleIf, ...shown }: SettingField, { values, locked, stored }: Effective) {
  const value = values[shown.key];
  return {
    ...shown,
    ...(options && { options: [...options] }),
    ...(visibleIf && { visibleIf: { key: visibleIf.key, is: isOf(visibleIf.is) } }),
    value: shown.secret ? { set: typeof value === "string" && value !== "" } : value,
    ...{ locked: locked.has(shown.key), stored: stored.has(shown.key) },
  };
}

type Scalar = string | number | boolean;
const isOf = (is: Scalar | readonly Scalar[]): Scalar | Scalar[] => (typeof is === "object" ? [...is] : is);
