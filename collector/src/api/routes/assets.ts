import { createRoute, z } from "@hono/zod-openapi";
import { asset, isVedetteError, messageOf } from "@vedette/sdk";
import { assetIdOf, hostsOf } from "../../assets/index.ts";
import type { PluginEntry } from "../../plugin-host/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const item = asset
  .extend({
    plugin: z.string().openapi({ description: "Who reported it." }),
    assetId: z.string().openapi({ description: "What events that are linked to it have as `assetId`." }),
    active: z.boolean().openapi({ description: "False once a report no longer had it." }),
    offline: z.boolean().openapi({ description: "No report had it for as long as its plugin allows." }),
    hosts: z.array(z.string()).openapi({
      description:
        "Host names and addresses by which events find it; those of before it was known have them too.",
    }),
    firstSeen: z.iso.datetime(),
    lastSeen: z.iso.datetime(),
  })
  .openapi("Asset");

const list = createRoute({
  ...{ method: "get", path: "/assets", summary: "Assets that plugins report" },
  request: {
    query: z.strictObject({
      active: z
        .enum(["true", "false"])
        .default("false")
        .openapi({ description: "Only those that are active." }),
    }),
  },
  responses: { 200: jsonAnswer(listOf(item), "Assets by plugin."), ...problems },
});

const reported = z
  .object({
    seen: z.int().openapi({ description: "Assets that the report has." }),
    changed: z.int().openapi({ description: "Those that are new, changed or active again." }),
    gone: z.int().openapi({ description: "Assets that were active and are not in the report." }),
    refused: z.array(z.string()).openapi({ description: "Why some were left out; the first hundred." }),
  })
  .openapi("AssetReport");

const send = createRoute({
  ...{ method: "post", path: "/assets/{plugin}", summary: "Send a whole report of assets to a plugin" },
  description:
    "The document has the format of the plugin, such as that of `json-assets`. What it lacks becomes inactive.",
  request: {
    params: z.object({ plugin: z.string().max(64) }),
    body: {
      required: true,
      content: { "application/json": { schema: z.unknown().openapi({ type: "object" }) } },
    },
  },
  responses: { 200: jsonAnswer(reported, "What it changed."), ...problems },
});

const most = 20_000;

/** Assets: the systems and programs that plugins know of. */
export function assetRoutes(api: Router, deps: ApiDeps): void {
  const hostOfPlugins = () => {
    const plugins = deps.plugins();
    if (!plugins) throw new Problem("store-unavailable", "Plugins are being opened.");
    return plugins.host;
  };
  api.openapi(list, async (c) => {
    const host = hostOfPlugins();
    const known = await host.assets.list(most, c.req.valid("query").active === "true");
    const now = deps.clock.now();
    const items = known.map(({ plugin, asset: each, active, firstSeen, lastSeen }) => ({
      ...{ ...each, plugin, active, assetId: assetIdOf(plugin, each.id), hosts: hostsOf(each) },
      offline: lastSeen < now - (host.get(plugin)?.staleAfter ?? Number.POSITIVE_INFINITY) * 1_000,
      ...{ firstSeen: new Date(firstSeen).toISOString(), lastSeen: new Date(lastSeen).toISOString() },
    }));
    return c.json({ items, next: null }, 200);
  });
  api.openapi(send, async (c) => {
    const { plugin } = c.req.valid("param");
    const entry = hostOfPlugins().get(plugin);
    const report = entry && (await read(entry, c.req.valid("json")));
    if (!report)
      throw new Problem("not-found", `There is no plugin "${plugin}" that takes reports of assets.`, {
        cure: "Switch the plugin on, if it is one that takes them.",
      });
    const { seen, changed, gone, refused } = report;
    return c.json({ seen, changed: changed.length, gone, refused: refused.slice(0, 100) }, 200);
  });
}

async function read(entry: PluginEntry, document: unknown) {
  try {
    return await entry.readAssets(document);
  } catch (error) {
    if (isVedetteError(error) && error.code === "control.unavailable") throw error;
    throw new Problem("bad-body", messageOf(error));
  }
}
