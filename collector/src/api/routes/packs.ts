import { relative } from "node:path";
import { createRoute, z } from "@hono/zod-openapi";
import { isVedetteError } from "@vedette/sdk";
import { writeAudit } from "../../control/index.ts";
import type { InstalledPack, PackInstall, PackStore } from "../../packs/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";
import { reloaded } from "./rules.ts";

const query = z.strictObject({});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});
const time = z.iso.datetime();
const reason = z.string().trim().min(1).max(500);
const name = z.object({ name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/) });
const file = z.base64().openapi({ description: "The file, in base64." });
const reload = z
  .boolean()
  .default(true)
  .openapi({ description: "Read the rules again at once, so that they run." });

const version = z.object({ version: z.string(), sequence: z.int(), created: time });
const head = z
  .object({
    name: z.string(),
    state: z.enum(["good", "expired", "broken"]).openapi({
      description:
        "`expired` runs on; `broken` cannot be trusted any more and keeps a collector from starting.",
    }),
    problem: z.string().optional(),
    version: z.string().optional(),
    sequence: z.int().optional(),
    description: z.string().optional(),
    created: time.optional(),
    expires: time.optional(),
    signedBy: z.string().optional().openapi({ description: "The trusted key whose signature is good." }),
    rules: z.int().openapi({ description: "Rules of it that run now." }),
  })
  .openapi("Pack");
const whole = head
  .extend({
    highest: z.int().openapi({ description: "Highest sequence that was ever installed." }),
    files: z.array(z.object({ path: z.string(), size: z.int() })),
    running: z
      .array(z.object({ id: z.string(), name: z.string(), file: z.string() }))
      .openapi({ description: "The rules of it that run, a thousand at most." }),
    kept: z.array(version).openapi({ description: "Versions to go back to without their file." }),
    history: z.array(
      z.object({
        ...{
          at: z.string(),
          action: z.enum(["install", "rollback"]),
          version: z.string(),
          sequence: z.int(),
        },
        ...{ reason: z.string().optional(), by: z.string().optional() },
      }),
    ),
  })
  .openapi("PackRecord");
const installed = z
  .object({
    outcome: z.enum(["installed", "rolled back", "unchanged"]),
    ...{ name: z.string(), version: z.string(), sequence: z.int(), rules: z.int() },
    before: z.object({ version: z.string(), sequence: z.int() }).optional(),
    runs: z.boolean().openapi({ description: "False where the rules were not read again." }),
    problem: z
      .string()
      .optional()
      .openapi({ description: "Why they could not be. The old ones go on; the collector would not start." }),
  })
  .openapi("PackInstall");

const routes = {
  list: createRoute({
    ...{ method: "get", path: "/packs", summary: "Packs of rules that are installed" },
    description: "Of this collector: each has its own. Every signature and file is checked again.",
    request: { query },
    responses: { 200: jsonAnswer(listOf(head), "By name."), ...problems },
  }),
  one: createRoute({
    ...{ method: "get", path: "/packs/{name}", summary: "A pack: what is in it, and its past" },
    request: { params: name, query },
    responses: { 200: jsonAnswer(whole, "The pack."), ...problems },
  }),
  check: createRoute({
    ...{ method: "post", path: "/packs/check", summary: "Look at a pack without installing it" },
    description: "Needs the scope admin. Refuses what an install would, but for rules that cannot run.",
    request: { query, body: body(z.strictObject({ pack: file })) },
    responses: {
      200: jsonAnswer(
        z.object({
          ...{ name: z.string(), version: z.string(), sequence: z.int(), description: z.string() },
          ...{ created: time, expires: time, signedBy: z.string() },
          files: z.array(z.object({ path: z.string(), size: z.int() })),
          before: version.optional(),
          lower: z.boolean().openapi({ description: "Older than one before: it needs a reason." }),
        }),
        "What it says of itself, and what it would take the place of.",
      ),
      ...problems,
    },
  }),
  install: createRoute({
    ...{ method: "post", path: "/packs", summary: "Install a pack" },
    description:
      "Needs the scope admin. With `rollback`, a reason, also one of a lower sequence than before. A body has 32 MiB at most; for larger packs there is `vedette rules pack install`.",
    request: { query, body: body(z.strictObject({ pack: file, rollback: reason.optional(), reload })) },
    responses: { 200: jsonAnswer(installed, "What was done."), ...problems },
  }),
  back: createRoute({
    ...{ method: "post", path: "/packs/{name}/rollback", summary: "Go back to a version that is kept" },
    description: "Needs the scope admin.",
    request: {
      params: name,
      query,
      body: body(z.strictObject({ sequence: z.int().min(1), reason, reload })),
    },
    responses: { 200: jsonAnswer(installed, "What was done."), ...problems },
  }),
  remove: createRoute({
    ...{ method: "post", path: "/packs/{name}/remove", summary: "Take a pack away" },
    description: "Needs the scope admin. Its highest sequence stays known.",
    request: { params: name, query, body: body(z.strictObject({ reason, reload })) },
    responses: {
      200: jsonAnswer(z.object({ runs: z.boolean(), problem: z.string().optional() }), "It is gone."),
      ...problems,
    },
  }),
};

const maxRunning = 1_000;

/** Signed packs of rules: what is installed, and changing it. */
export function packRoutes(api: Router, deps: ApiDeps): void {
  const running = ({ dir }: InstalledPack) =>
    (deps.rules?.rules ?? []).filter(({ place }) => place.file.startsWith(`${dir}/`));
  const headOf = (pack: InstalledPack) => ({
    ...{ name: pack.name, rules: running(pack).length },
    state:
      pack.problem === undefined
        ? pack.expired
          ? ("expired" as const)
          : ("good" as const)
        : ("broken" as const),
    ...(pack.problem !== undefined && { problem: pack.problem }),
    ...(pack.signedBy !== undefined && { signedBy: pack.signedBy }),
    ...(pack.manifest && manifestOf(pack.manifest)),
  });
  const noted = async (author: string, action: string, subject: string, detail: object): Promise<void> => {
    const database = deps.alerting?.()?.database;
    if (database) await writeAudit(database, { author, action, subject, detail }, deps.clock.now());
    deps.log.info({ by: author, pack: subject, action, ...detail }, "The packs of rules were changed.");
  };
  const done = async (
    { outcome, pack, rules, before }: PackInstall,
    by: string,
    { why, again }: { readonly why: string | undefined; readonly again: boolean },
  ) => {
    const { name: of, version: is, sequence } = pack.manifest;
    const told = { outcome, version: is, sequence, ...(before && { before: shortOf(before) }) };
    const action = outcome === "rolled back" ? "packs.rollback" : "packs.install";
    if (outcome !== "unchanged")
      await noted(by, action, of, { ...told, signedBy: pack.signedBy, ...(why && { reason: why }) });
    return { ...told, name: of, rules, ...(await ranAgain(deps, again)) };
  };
  api.openapi(routes.list, async (c) => {
    const all = await packsOf(deps).all();
    return c.json({ items: all.map(headOf), next: null }, 200);
  });
  api.openapi(routes.one, async (c) => {
    const found = await refusable(() => packsOf(deps).one(c.req.valid("param").name));
    if (!found) throw notThere();
    const rules = running(found).slice(0, maxRunning);
    return c.json(
      {
        ...headOf(found),
        ...{ highest: found.highest, history: [...found.history], kept: found.kept.map(versionOf) },
        files: (found.manifest?.files ?? []).map(sizeOf),
        running: rules.map(({ id, name: called, place }) => ({
          ...{ id, name: called, file: relative(found.dir, place.file) },
        })),
      },
      200,
    );
  });
  api.openapi(routes.check, async (c) => {
    const bytes = Buffer.from(c.req.valid("json").pack, "base64");
    const { pack, before, lower } = await refusable(() => packsOf(deps).check(bytes));
    const { manifest, signedBy } = pack;
    return c.json(
      {
        ...{ ...manifestOf(manifest), name: manifest.name, signedBy, lower },
        ...{ files: manifest.files.map(sizeOf), ...(before && { before: versionOf(before) }) },
      },
      200,
    );
  });
  api.openapi(routes.install, async (c) => {
    const { pack, rollback, reload: again } = c.req.valid("json");
    const by = c.get("caller").name;
    const bytes = Buffer.from(pack, "base64");
    const did = await refusable(() => packsOf(deps).install(bytes, { rollback, by }));
    return c.json(await done(did, by, { why: rollback, again }), 200);
  });
  api.openapi(routes.back, async (c) => {
    const { sequence, reason: why, reload: again } = c.req.valid("json");
    const by = c.get("caller").name;
    const { name: of } = c.req.valid("param");
    const did = await refusable(() => packsOf(deps).goBack(of, sequence, { rollback: why, by }));
    return c.json(await done(did, by, { why, again }), 200);
  });
  api.openapi(routes.remove, async (c) => {
    const { reason: why, reload: again } = c.req.valid("json");
    const { name: of } = c.req.valid("param");
    const by = c.get("caller").name;
    if (!(await refusable(() => packsOf(deps).remove(of)))) throw notThere();
    await noted(by, "packs.remove", of, { reason: why });
    return c.json(await ranAgain(deps, again), 200);
  });
}

const notThere = (): Problem => new Problem("not-found", "No such pack is installed.");

function packsOf({ packs }: ApiDeps): PackStore {
  if (!packs) throw new Problem("not-found", "This collector has no packs.");
  return packs;
}

/** What the store of packs refuses, as a problem. */
async function refusable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isVedetteError(error) && error.code === "pack.refused")
      throw new Problem("refused", error.message, {}, {}, { cause: error });
    throw error;
  }
}

/** Reads the rules again, where that is asked for. What keeps them from it is told: the packs are changed already. */
async function ranAgain(
  deps: ApiDeps,
  again: boolean,
): Promise<{ readonly runs: boolean; readonly problem?: string }> {
  if (!again) return { runs: false };
  try {
    await reloaded(deps);
    return { runs: true };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const places = (error.fault.problems ?? []).slice(0, 20).map(({ key, message }) => `${key}: ${message}`);
    return { runs: false, problem: [error.message, ...places].join("\n") };
  }
}

const sizeOf = ({ path, size }: { readonly path: string; readonly size: number }) => ({ path, size });
const shortOf = ({ version: is, sequence }: { readonly version: string; readonly sequence: number }) => ({
  version: is,
  sequence,
});
const versionOf = (pack: {
  readonly version: string;
  readonly sequence: number;
  readonly created: string;
}) => ({
  ...shortOf(pack),
  created: pack.created,
});
const manifestOf = (manifest: NonNullable<InstalledPack["manifest"]>) => ({
  ...versionOf(manifest),
  ...{ description: manifest.description, expires: manifest.expires },
});
