import { createRoute, z } from "@hono/zod-openapi";
import { printWorkflow, type Workflow } from "../../respond/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { told } from "./jobs-told.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

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

const get = createRoute({
  method: "get",
  path: "/workflows/{id}",
  summary: "One workflow, with its definition",
  request: { query, params: z.object({ id: z.string().max(64) }) },
  responses: {
    200: jsonAnswer(
      workflow.extend({ yaml: z.string().openapi({ description: "As it can be written in a file." }) }),
      "The workflow.",
    ),
    ...problems,
  },
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

/** Workflows: list them, run one. */
export function workflowRoutes(api: Router, { respond, log }: ApiDeps): void {
  const answerOf = async (of: Workflow) => ({
    ...{ id: of.id, name: of.name, description: of.description, tags: [...of.tags], snippet: of.snippet },
    ...{ parameters: of.parameters, timeSavedSeconds: await respond!.jobs.timeSaved(of.id) },
    triggers: [...new Set(["manual", ...of.triggers.map(({ type }) => type)])],
  });
  api.openapi(list, async (c) => {
    const all = [...(respond?.workflows.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    return c.json({ items: await Promise.all(all.map(answerOf)), next: null }, 200);
  });
  api.openapi(get, async (c) => {
    const found = respond?.workflows.get(c.req.valid("param").id);
    if (!found) throw new Problem("not-found", "There is no such workflow.");
    return c.json({ ...(await answerOf(found)), yaml: printWorkflow(found.doc) }, 200);
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
