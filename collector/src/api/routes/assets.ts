import { createRoute, z } from "@hono/zod-openapi";
import { asset } from "@vedette/sdk";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const item = asset
  .extend({
    plugin: z.string().openapi({ description: "Who reported it." }),
    active: z.boolean().openapi({ description: "False once a report no longer had it." }),
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

const most = 20_000;

/** Assets: the systems and programs that plugins know of. */
export function assetRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const plugins = deps.plugins();
    if (!plugins) throw new Problem("store-unavailable", "Plugins are being opened.");
    const known = await plugins.host.assets.list(most, c.req.valid("query").active === "true");
    const items = known.map(({ plugin, asset: each, active, firstSeen, lastSeen }) => ({
      ...{ ...each, plugin, active },
      ...{ firstSeen: new Date(firstSeen).toISOString(), lastSeen: new Date(lastSeen).toISOString() },
    }));
    return c.json({ items, next: null }, 200);
  });
}
