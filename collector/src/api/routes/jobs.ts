import { createRoute, z } from "@hono/zod-openapi";
import type { JobQuestionRow, JobRow, JobStepRow } from "../../control/index.ts";
import { statuses } from "../../respond/index.ts";
import type { ApiDeps } from "../deps.ts";
import { limits } from "../limits.ts";
import { badParameter, Problem } from "../problem.ts";
import { told } from "./jobs-told.ts";
import { count, jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const time = z.iso.datetime();
const job = z
  .object({
    id: z.string(),
    workflow: z.string(),
    status: z.enum(statuses),
    dryRun: z.boolean(),
    startedBy: z.string(),
    error: z.string().optional(),
    rerunOf: z.string().optional(),
    createdAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    wakeAt: time.optional().openapi({ description: "When it goes on by itself." }),
    timeSavedSeconds: z.int(),
  })
  .openapi("Job");
const step = z
  .object({
    key: z.string().openapi({ description: "Where in the job it is, such as `Loop#3/Step`." }),
    kind: z.string(),
    state: z.string().openapi({ description: "begun, done, failed, waiting, retry or uncertain." }),
    attempt: z.int(),
    startedAt: time,
    endedAt: time.optional(),
    input: z.unknown().optional(),
    output: z.unknown().optional(),
    error: z.string().optional(),
    note: z.string().optional(),
  })
  .openapi("JobStep");
const question = z
  .object({
    step: z.string(),
    question: z.string(),
    options: z.array(z.string()),
    askedAt: time,
    expiresAt: time,
    answer: z.string().optional(),
    answeredBy: z.string().optional(),
  })
  .openapi("JobQuestion");
const whole = job.extend({ input: z.unknown(), steps: z.array(step), questions: z.array(question) });

const params = z.object({ id: z.string().max(64) });
const query = z.strictObject({});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});
const stepKey = z.string().min(1).max(2_000);

const routes = {
  list: createRoute({
    method: "get",
    path: "/jobs",
    summary: "Jobs, newest first",
    request: {
      query: z.strictObject({
        workflow: z.string().max(64).optional(),
        status: z.enum(statuses).optional(),
        limit: count(1, limits.items, 100, "Items in the answer."),
        cursor: z
          .string()
          .max(200)
          .optional()
          .openapi({ description: "`next` of the answer before, unchanged." }),
      }),
    },
    responses: { 200: jsonAnswer(listOf(job), "Jobs."), ...problems },
  }),
  get: createRoute({
    method: "get",
    path: "/jobs/{id}",
    summary: "One job, with its steps and questions",
    request: { params, query },
    responses: { 200: jsonAnswer(whole, "The job. Secrets are left out."), ...problems },
  }),
  cancel: createRoute({
    method: "post",
    path: "/jobs/{id}/cancel",
    summary: "Cancel a job",
    request: { params, query },
    responses: { 202: { description: "It ends before its next step." }, ...problems },
  }),
  answer: createRoute({
    method: "post",
    path: "/jobs/{id}/answer",
    summary: "Answer a question of a job",
    description: "An approval is answered with approve or deny.",
    request: {
      params,
      query,
      body: body(z.strictObject({ step: stepKey, answer: z.string().min(1).max(100) })),
    },
    responses: { 202: { description: "The job goes on." }, ...problems },
  }),
  rerun: createRoute({
    method: "post",
    path: "/jobs/{id}/rerun",
    summary: "Run a job again",
    description: "From its beginning, or from a step: what was done before it is taken over.",
    request: {
      ...{ params, query },
      body: body(
        z.strictObject({
          from: stepKey.optional().openapi({ description: "Key of the step." }),
          assumeDone: z
            .boolean()
            .default(false)
            .openapi({ description: "Go on after the step, as done: how an uncertain one is settled." }),
          input: z
            .record(z.string(), z.unknown())
            .optional()
            .openapi({ description: "In place of the input." }),
        }),
      ),
    },
    responses: { 202: jsonAnswer(z.object({ job: z.string() }), "The new job."), ...problems },
  }),
};

/** Jobs of workflows: list, look at, cancel, answer, run again. */
export function jobRoutes(api: Router, { respond, log }: ApiDeps): void {
  api.openapi(routes.list, async (c) => {
    const { workflow, status, limit, cursor } = c.req.valid("query");
    const before = cursor === undefined ? undefined : cursorOf(cursor);
    const filter = {
      ...(workflow === undefined ? {} : { workflow }),
      ...(status === undefined ? {} : { status }),
      ...(before === undefined ? {} : { before }),
    };
    const rows = (await respond?.jobs.list({ ...filter, limit: limit + 1 })) ?? [];
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last ? `${last.created_at}.${last.id}` : null;
    return c.json({ items: rows.slice(0, limit).map(jobOf), next }, 200);
  });
  api.openapi(routes.get, async (c) => {
    const { id } = c.req.valid("param");
    const row = await respond?.jobs.get(id);
    if (!respond || !row) throw new Problem("not-found", "There is no such job.");
    const [steps, questions] = await Promise.all([respond.jobs.steps(id), respond.jobs.questions(id)]);
    const all = { input: JSON.parse(row.input) as unknown, steps: steps.map(stepOf) };
    return c.json({ ...jobOf(row), ...all, questions: questions.map(questionOf) }, 200);
  });
  api.openapi(routes.cancel, async (c) => {
    const { id } = c.req.valid("param");
    const by = c.get("caller").name;
    await told(() => respond!.jobs.cancel(id, by), respond);
    log.info({ job: id, by }, "A job was cancelled.");
    return c.body(null, 202);
  });
  api.openapi(routes.answer, async (c) => {
    const { id } = c.req.valid("param");
    const { step: at, answer } = c.req.valid("json");
    const by = c.get("caller").name;
    await told(() => respond!.jobs.answer(id, at, answer, by), respond);
    log.info({ job: id, step: at, answer, by }, "A question of a job was answered.");
    return c.body(null, 202);
  });
  api.openapi(routes.rerun, async (c) => {
    const { id } = c.req.valid("param");
    const { from, assumeDone, input } = c.req.valid("json");
    const by = c.get("caller").name;
    const more = {
      assumeDone,
      ...(from === undefined ? {} : { from }),
      ...(input === undefined ? {} : { input: input as Record<string, never> }),
    };
    const made = await told(() => respond!.jobs.rerun(id, by, more), respond);
    log.info({ job: made, of: id, from, by }, "A job is run again.");
    return c.json({ job: made }, 202);
  });
}

function cursorOf(text: string): { readonly createdAt: number; readonly id: string } {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw badParameter("cursor", "The cursor cannot be read.");
  return { createdAt: Number(at), id };
}

const iso = (at: number): string => new Date(Number(at)).toISOString();
const timeAt = <Key extends string>(key: Key, at: number | null) =>
  (at === null ? {} : { [key]: iso(at) }) as Partial<Record<Key, string>>;
const textAt = <Key extends string>(key: Key, text: string | null) =>
  (text === null ? {} : { [key]: text }) as Partial<Record<Key, string>>;

const jobOf = (row: JobRow) => ({
  ...{ id: row.id, workflow: row.workflow, status: row.status as (typeof statuses)[number] },
  ...{ dryRun: Number(row.dry) === 1, startedBy: row.started_by, createdAt: iso(row.created_at) },
  ...{ ...textAt("error", row.error), ...textAt("rerunOf", row.rerun_of) },
  ...{
    ...timeAt("startedAt", row.started_at),
    ...timeAt("endedAt", row.ended_at),
    ...timeAt("wakeAt", row.wake_at),
  },
  timeSavedSeconds: Number(row.time_saved),
});

const stepOf = (row: JobStepRow) => ({
  ...{ key: row.key, kind: row.kind, state: row.state, attempt: Number(row.attempt) },
  ...{ startedAt: iso(row.started_at), ...timeAt("endedAt", row.ended_at) },
  ...(row.input === null ? {} : { input: JSON.parse(row.input) as unknown }),
  ...(row.output === null ? {} : { output: JSON.parse(row.output) as unknown }),
  ...{ ...textAt("error", row.error), ...textAt("note", row.note) },
});

const questionOf = (row: JobQuestionRow) => ({
  ...{ step: row.step, question: row.question, options: JSON.parse(row.options) as string[] },
  ...{ askedAt: iso(row.asked_at), expiresAt: iso(row.expires_at) },
  ...{ ...textAt("answer", row.answer), ...textAt("answeredBy", row.answered_by) },
});
