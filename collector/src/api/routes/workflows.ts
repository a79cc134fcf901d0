import { createRoute, z } from "@hono/zod-openapi";
import { ConfigError, type Problem as ConfigProblem } from "@vedette/core/config";
import { printWorkflow } from "../../respond/index.ts";
import type { ApiDeps, ResponseOf } from "../deps.ts";
import { Problem } from "../problem.ts";
import { toldOfChange } from "./changes-told.ts";
import { told } from "./jobs-told.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const problem = z
  .object({
    line: z.int(),
    column: z.int(),
    path: z.string(),
    message: z.string(),
    severity: z.enum(["error", "warning"]),
  })
  .openapi("WorkflowProblem");

const workflow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    tags: z.array(z.string()),
    snippet: z.boolean(),
    triggers: z.array(z.string()),
    parameters: z.record(z.string(), z.unknown()),
    timeSavedSeconds: z.int().openapi({ description: "What its jobs have saved so far." }),
    source: z.enum(["configuration", "database"]).openapi({
      description: "Those of files are changed there.",
    }),
    version: z.int().openapi({ description: "Grows with every change; 0 for those of files." }),
    active: z.boolean().openapi({ description: "False for a draft, which nothing starts." }),
    problems: z.array(problem).openapi({ description: "Mistakes and doubts of a stored one." }),
  })
  .openapi("Workflow");

const query = z.strictObject({});

const list = createRoute({
  method: "get",
  path: "/workflows",
  summary: "Workflows",
  request: { query },
  responses: { 200: jsonAnswer(listOf(workflow), "All workflows by id."), ...problems },
});

const whole = workflow.extend({
  yaml: z.string().openapi({ description: "As it is written, or can be written in a file." }),
});
const get = createRoute({
  method: "get",
  path: "/workflows/{id}",
  summary: "One workflow, with its definition",
  request: { query, params: z.object({ id: z.string().max(64) }) },
  responses: { 200: jsonAnswer(whole, "The workflow."), ...problems },
});

const slug = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/)
    .max(64),
});
const yaml = z.string().min(1).max(262_144);

const check = createRoute({
  method: "post",
  path: "/workflows/{id}/check",
  summary: "What is wrong with a text of a workflow",
  request: {
    ...{ query, params: slug },
    body: { required: true, content: { "application/json": { schema: z.strictObject({ yaml }) } } },
  },
  responses: { 200: jsonAnswer(z.object({ items: z.array(problem) }), "Mistakes and doubts."), ...problems },
});

const put = createRoute({
  method: "put",
  path: "/workflows/{id}",
  summary: "Keep a workflow",
  description: "Needs the scope admin. One that is to be active must have no mistakes.",
  request: {
    ...{ query, params: slug },
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            yaml,
            version: z.int().min(0).openapi({ description: "The version that was seen; 0 for a new one." }),
            active: z.boolean().default(false),
          }),
        },
      },
    },
  },
  responses: { 200: jsonAnswer(whole, "The workflow as it is kept."), ...problems },
});

const remove = createRoute({
  method: "delete",
  path: "/workflows/{id}",
  summary: "Remove a workflow",
  description: "Needs the scope admin. Jobs under way keep it.",
  request: { query, params: slug },
  responses: { 204: { description: "It is gone." }, ...problems },
});

const start = createRoute({
  method: "post",
  path: "/workflows/{id}/run",
  summary: "Run a workflow",
  request: {
    query,
    params: z.object({ id: z.string().max(64) }),
    body: {
      required: true as const,
      content: {
        "application/json": {
          schema: z.strictObject({
            input: z
              .record(z.string(), z.unknown())
              .default({})
              .openapi({ description: "Such as a recorded alert." }),
            parameters: z.record(z.string(), z.unknown()).default({}),
            dryRun: z
              .boolean()
              .default(false)
              .openapi({ description: "No action is called, nobody is asked." }),
          }),
        },
      },
    },
  },
  responses: { 202: jsonAnswer(z.object({ job: z.string() }), "The job that was made."), ...problems },
});

/** Workflows: list them, keep and change those of the database, run one. */
export function workflowRoutes(api: Router, { respond, log }: ApiDeps): void {
  const mine = (): ResponseOf => {
    if (respond) return respond;
    throw new Problem("not-found", "This collector runs no workflows.");
  };
  api.openapi(list, async (c) => {
    if (!respond) return c.json({ items: [], next: null }, 200);
    const { current, stored } = respond.catalog;
    const ids = new Set([...current.keys(), ...stored.map(({ id }) => id)]);
    const items = await Promise.all([...ids].sort().map((id) => wholeOf(respond, id)));
    return c.json({ items: items.map(({ yaml: _, ...item }) => item), next: null }, 200);
  });
  api.openapi(get, async (c) => c.json(await wholeOf(mine(), c.req.valid("param").id), 200));
  api.openapi(check, (c) => {
    const found = mine().catalog.check(c.req.valid("param").id, c.req.valid("json").yaml);
    return c.json({ items: found.map(problemOf) }, 200);
  });
  api.openapi(put, async (c) => {
    const { id } = c.req.valid("param");
    const change = { id, ...c.req.valid("json"), by: c.get("caller").name };
    const { version, active } = await toldOfText(mine().putWorkflow(change));
    log.info({ workflow: id, version, active, by: change.by }, "A workflow was kept.");
    return c.json(await wholeOf(mine(), id), 200);
  });
  api.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const by = c.get("caller").name;
    if (mine().catalog.isFiled(id))
      throw new Problem("conflict", `The workflow "${id}" is in a file; remove it there.`);
    if (!(await mine().removeWorkflow(id, by))) throw new Problem("not-found", "There is no such workflow.");
    log.info({ workflow: id, by }, "A workflow was removed.");
    return c.body(null, 204);
  });
  api.openapi(start, async (c) => {
    const { id } = c.req.valid("param");
    const { input, parameters, dryRun } = c.req.valid("json");
    const by = c.get("caller").name;
    const values = { input, parameters } as Record<"input" | "parameters", Record<string, never>>;
    const job = await told(async () => respond!.run(id, { ...values, dry: dryRun, by }), respond);
    log.info({ workflow: id, job, by }, "A workflow was started.");
    return c.json({ job }, 202);
  });
}

/** What is known of a workflow that runs, that is a draft, or that has mistakes. */
async function wholeOf({ catalog, jobs }: ResponseOf, id: string) {
  const running = catalog.current.get(id);
  const kept = catalog.isFiled(id) ? undefined : catalog.stored.find((each) => each.id === id);
  if (!running && !kept) throw new Problem("not-found", "There is no such workflow.");
  return {
    ...{ id, name: running?.name ?? id, description: running?.description ?? "" },
    ...{ tags: [...(running?.tags ?? [])], snippet: running?.snippet ?? false },
    triggers: running ? [...new Set(["manual", ...running.triggers.map(({ type }) => type)])] : [],
    parameters: running?.parameters ?? {},
    timeSavedSeconds: await jobs.timeSaved(id),
    source: kept ? ("database" as const) : ("configuration" as const),
    ...{ version: kept?.version ?? 0, active: kept?.active ?? true },
    problems: (kept?.problems ?? []).map(problemOf),
    yaml: kept?.yaml ?? (running ? printWorkflow(running.doc) : ""),
  };
}

const problemOf = ({ line, column, path, message, suggestion, severity }: ConfigProblem) => ({
  ...{ line, column, path, severity: severity ?? ("error" as const) },
  message: suggestion === undefined ? message : `${message} ${suggestion}`,
});

/** The same for a text that is to be active and has mistakes. */
async function toldOfText<T>(work: Promise<T>): Promise<T> {
  try {
    return await toldOfChange(work);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.problems.map(problemOf);
    const more = error.problems.length - 1;
    const place = first ? `${first.line}:${first.column}: ${first.message}` : error.message;
    throw new Problem("bad-body", more > 0 ? `${place} And ${more} more.` : place, { parameter: "yaml" });
  }
}
