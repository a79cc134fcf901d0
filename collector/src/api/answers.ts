import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { ApiDeps } from "./deps.ts";
import { type ApiEnv, throttle } from "./guard/index.ts";
import { limits } from "./limits.ts";
import { Problem, problemResponse } from "./problem.ts";
import { told } from "./routes/jobs-told.ts";

const asked = z.strictObject({ token: z.string().min(1).max(100) });
const answered = asked.extend({ answer: z.string().min(1).max(100) });

/** Answers to questions of workflows without a key: a one-time link, or the signature of a channel, says who answers. */
export function answerHooks({ respond, clock }: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const small = bodyLimit({
    maxSize: limits.bodyBytes,
    onError: () => problemResponse(new Problem("too-large", "An answer is shorter.")),
  });
  app.use(throttle(clock), small);
  // With POST, as what looks links up beforehand must not answer. Fixed paths come before names of channels.
  app.post("/link/question", async (c) => {
    const { token } = await bodyOf(c, asked);
    const question = await told(async () => respond!.answers.question(token), respond);
    if (!question) throw over();
    return c.json({ ...question, expiresAt: new Date(question.expiresAt).toISOString() });
  });
  app.post("/link", async (c) => {
    const { token, answer } = await bodyOf(c, answered);
    if (!(await told(async () => respond!.answers.byLink(token, answer), respond))) throw over();
    return c.body(null, 204);
  });
  app.post("/:channel", async (c) => {
    const body = await c.req.text();
    const headers = {
      slackSignature: c.req.header("x-slack-signature"),
      slackTimestamp: c.req.header("x-slack-request-timestamp"),
      signature: c.req.header("x-vedette-signature"),
      timestamp: c.req.header("x-vedette-timestamp"),
    };
    const by = await told(
      async () => respond!.answers.bySigned(c.req.param("channel"), body, headers),
      respond,
    );
    if (by === undefined)
      throw new Problem(
        "not-allowed",
        "No answers are taken from there, or the signature is not of this body.",
        {
          cure: "See collector.respond.questions.answers.",
        },
      );
    return c.json({ answeredBy: by });
  });
  return app;
}

const over = (): Problem =>
  new Problem("not-found", "The link is of no open question: it was answered, or its time is over.");

async function bodyOf<Schema extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: Schema,
): Promise<z.infer<Schema>> {
  // A form of another site can send a body, but not one that calls itself JSON.
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    throw new Problem("bad-body", "The body is not JSON.", { cure: "Send content-type: application/json." });
  const parsed = schema.safeParse(await c.req.json<unknown>());
  if (parsed.success) return parsed.data;
  throw new Problem("bad-body", z.prettifyError(parsed.error));
}
