import { totalmem } from "node:os";
import { createRoute, z } from "@hono/zod-openapi";
import { strToU8, zipSync } from "fflate";
import type { ApiDeps } from "../deps.ts";
import { runQuery } from "../run-query.ts";
import { Binder } from "../search/index.ts";
import { problems } from "./parameters.ts";
import { pluginDetail } from "./plugins.ts";
import type { Router } from "./router.ts";

const bundle = createRoute({
  ...{ method: "get", path: "/debug-bundle", summary: "All that helps to find a fault, as a ZIP file" },
  description:
    "Versions, health, plugins with their settings and counters, sizes of tables, metrics and the last log lines. Secrets are taken out; host names, addresses and paths are not. Needs the scope admin.",
  request: { query: z.strictObject({}) },
  responses: {
    200: {
      description: "The file.",
      content: { "application/zip": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...problems,
  },
});

const tables = `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts
  FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table`;

/** A file for whoever helps. */
export function debugBundleRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(bundle, async (c) => {
    const at = new Date(deps.clock.now()).toISOString();
    const host = deps.plugins()?.host;
    const sizes = await runQuery<object>(deps.store, tables, new Binder(), c.req.raw.signal).catch(
      (error: unknown) => ({ problem: String(error) }),
    );
    const files = {
      "about.json": {
        ...{ madeAt: at, node: process.versions.node, platform: `${process.platform} ${process.arch}` },
        ...{
          uptimeSeconds: Math.round(process.uptime()),
          memory: process.memoryUsage(),
          totalMemory: totalmem(),
        },
      },
      "status.json": deps.status(),
      "plugins.json": {
        plugins: host?.list().map((entry) => pluginDetail(entry, "en")),
        programs: deps.programs?.(),
        broken: host?.broken,
      },
      "tables.json": sizes,
      "metrics.txt": deps.metrics(),
      "log.ndjson": deps.recentLog?.() ?? "",
    };
    const clean = deps.redact ?? ((text: string) => text);
    const zipped = zipSync(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => {
          const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
          return [name, strToU8(clean(text))];
        }),
      ),
    );
    const name = `vedette-debug-${at.replaceAll(/[:.]/g, "-")}.zip`;
    return c.body(new Uint8Array(zipped).buffer, 200, {
      ...{ "content-type": "application/zip", "cache-control": "no-store" },
      "content-disposition": `attachment; filename="${name}"`,
    });
  });
}
