import { z } from "zod";

/** Names of steps stand in brackets in references, so they have none themselves. */
export const stepName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^[\]{}\n]+$/, "A step's name has no brackets, braces or line breaks")
  .refine((name) => !name.startsWith("$") && !["end", "this", "."].includes(name), {
    error: "A step's name does not begin with $, and is not end or this",
  });

const target = z.string().min(1).max(100);
const text = z.string().max(262_144);
const condition = z.string().min(1).max(65_536);
const input = z.record(z.string().min(1).max(200), z.unknown());

export const retry = z.strictObject({
  attempts: z.int().min(1).max(20).default(3).describe("Tries in all."),
  backoffSeconds: z
    .number()
    .min(0.1)
    .max(3_600)
    .default(2)
    .describe("Wait before the second try; it doubles."),
  maxBackoffSeconds: z.number().min(0.1).max(86_400).default(300).describe("Longest wait."),
});

const common = {
  id: stepName.describe("Name by which references mean it: `{{[name].[field]}}`. Once in a workflow."),
  description: z.string().max(2_000).optional().describe("For people."),
  next: target
    .optional()
    .describe("The step after it, or `end`. Default: the next one in the list, else the end of the list."),
  disabled: z.boolean().optional().describe("Is passed over."),
  continueOnFailure: z
    .boolean()
    .optional()
    .describe("Goes on when it fails; `{{[name].[$success]}}` is false then and `$error` says why."),
  onError: target
    .optional()
    .describe("The step that follows when it fails, in place of the failure of the job."),
};

const flat = {
  action: z
    .strictObject({
      type: z.literal("action"),
      ...common,
      action: z
        .string()
        .min(1)
        .max(200)
        .describe("`plugin/action`, or one that is built in, such as `http.request`."),
      connection: z.string().min(1).max(100).optional().describe("Connection that it uses."),
      input: input.optional().describe("Input, with templates."),
      target: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe("What it acts on, a template: part of its key."),
      windowSeconds: z
        .int()
        .min(1)
        .max(31_536_000)
        .optional()
        .describe(
          "With `target`: the same rule, action and target in so many seconds is done once, by whatever job.",
        ),
      idempotent: z
        .boolean()
        .optional()
        .describe("Doing it twice with one key does it once. Default: what the action says of itself."),
      timeoutSeconds: z
        .number()
        .min(0.1)
        .max(86_400)
        .optional()
        .describe("One try takes so long at most. Default 120."),
      retry: retry.optional().describe("Try again what can succeed later. Default: one try."),
    })
    .describe("Calls an action of a plugin, or one that is built in."),
  artifact: z
    .strictObject({ type: z.literal("artifact"), ...common, content: text.describe("Markdown, a template.") })
    .describe("Puts a card on the job's page; its text is the output `content`."),
  humanDecision: z
    .strictObject({
      type: z.literal("humanDecision"),
      ...common,
      question: text.describe("What is asked, a template."),
      options: z
        .array(
          z.strictObject({
            answer: z.string().min(1).max(100),
            next: target.optional(),
            confirmation: z.string().max(1_000).optional().describe("What is said to who chose it."),
          }),
        )
        .min(1)
        .max(20)
        .describe("Answers, each with the step that follows."),
      timeoutSeconds: z.int().min(1).max(31_536_000).optional().describe("Waits so long. Default: 86400."),
      onTimeout: z
        .strictObject({ answer: z.string().min(1).max(100).optional(), next: target.optional() })
        .optional()
        .describe("What follows when nobody answers: an answer, or a step. Default: the step fails."),
      notify: z
        .array(z.string().min(1).max(320))
        .max(50)
        .optional()
        .describe("Who is told, such as mail addresses."),
      chat: input
        .optional()
        .describe(
          "Where it is asked in a chat: `recipient` is a channel (the name of a connection) that is told too, `message` what is said besides. `app` and `thread` are recorded.",
        ),
    })
    .describe("Waits for a person. Outputs: `answer`, `path`, `responding_user`, `timedOut`."),
  approval: z
    .strictObject({
      type: z.literal("approval"),
      ...common,
      question: text.describe("What is to be approved, a template."),
      denied: target.optional().describe("The step that follows no, and silence. Default: the job ends."),
      timeoutSeconds: z
        .int()
        .min(1)
        .max(31_536_000)
        .optional()
        .describe("Silence for so long is no. Default: 86400."),
      notify: z.array(z.string().min(1).max(320)).max(50).optional().describe("Who is told."),
    })
    .describe("Goes on only when a person said yes. Output: `approved`, `responding_user`."),
  break: z
    .strictObject({ type: z.literal("break"), ...common, if: condition.describe("Expression.") })
    .describe("Leaves the loop it stands in when the expression is true."),
  filter: z
    .strictObject({
      type: z.literal("filter"),
      ...common,
      if: condition.describe("Expression."),
      stopOnMatch: z.boolean().optional().describe("Stop where it is true instead of where it is false."),
    })
    .describe("Ends the job, or the round of a loop, as done, unless the expression is true."),
  join: z
    .strictObject({
      type: z.literal("join"),
      ...common,
      variables: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(100),
            values: z
              .array(
                z.strictObject({
                  from: z.string().min(1).max(210).describe("A decision and its branch, `Decision/Branch`."),
                  value: z.unknown(),
                }),
              )
              .min(1)
              .max(100),
            default: z.unknown().optional(),
          }),
        )
        .max(100)
        .optional()
        .describe("Outputs whose value depends on the branch that was taken last."),
    })
    .describe("Where branches meet again; gives one name to what each of them found."),
  patternMatch: z
    .strictObject({
      type: z.literal("patternMatch"),
      ...common,
      text: text.describe("What is read, a template."),
      pattern: z.string().min(1).max(16_384).describe("Text with holes, `{{name:/expression/}}`."),
      ignoreCase: z.boolean().optional(),
      captureAll: z.boolean().optional().describe("All matches: each name is a list."),
    })
    .describe("Reads a text. Outputs: the names of the pattern, and `$matched`."),
  lookupGlobalArtifact: z
    .strictObject({
      type: z.literal("lookupGlobalArtifact"),
      ...common,
      artifact: z.string().min(1).max(200).describe("Name of the table."),
      if: condition.describe("Expression; `{{[$row].[column]}}` is a row's column."),
      most: z.int().min(1).max(1_000).optional().describe("Rows that are given at most. Default 100."),
    })
    .describe("Looks for rows. Outputs: `rows`, `count`, `found`."),
  appendGlobalArtifact: z
    .strictObject({
      type: z.literal("appendGlobalArtifact"),
      ...common,
      artifact: z.string().min(1).max(200).describe("Name of the table; it is made when it is not there."),
      row: input.describe("Columns, with templates."),
    })
    .describe("Adds a row to a table that all workflows share."),
  workflow: z
    .strictObject({
      type: z.literal("workflow"),
      ...common,
      workflow: z.string().min(1).max(100).describe("Id of the workflow or snippet."),
      input: z.unknown().optional().describe("What it is started with, with templates."),
    })
    .describe(
      "Runs another workflow and waits for it. Its outputs are those of the step named `result`, else all.",
    ),
  set: z
    .strictObject({ type: z.literal("set"), ...common, values: input.describe("Outputs, with templates.") })
    .describe("Gives names to values."),
  sleep: z
    .strictObject({
      type: z.literal("sleep"),
      ...common,
      seconds: z
        .union([z.number().min(0).max(31_536_000), z.string().min(1).max(4_096)])
        .describe("Or a template."),
    })
    .describe("Waits; a restart does not make it longer."),
};

type Flat = { readonly [Kind in keyof typeof flat]: z.infer<(typeof flat)[Kind]> }[keyof typeof flat];
type Common = Omit<z.infer<typeof flat.filter>, "type" | "if" | "stopOnMatch">;

/** A branch of a decision. */
export interface BranchDoc {
  name?: string | undefined;
  next?: string | undefined;
  steps?: StepDoc[] | undefined;
}

export interface DecisionDoc extends Common {
  type: "decision";
  branches: (BranchDoc & { if: string })[];
  default?: BranchDoc | undefined;
}

export interface LoopDoc extends Common {
  type: "loop";
  over?: unknown;
  times?: number | string | undefined;
  delaySeconds?: number | undefined;
  steps: StepDoc[];
  outputs?:
    | { name: string; type: "array" | "count" | "last"; value?: unknown; if?: string | undefined }[]
    | undefined;
}

export interface ParallelDoc extends Common {
  type: "parallel";
  branches: { name: string; steps: StepDoc[] }[];
}

/** A step as written. */
export type StepDoc = Flat | DecisionDoc | LoopDoc | ParallelDoc;

// Named with its type: the schema refers to itself.
export const stepList: z.ZodType<StepDoc[]> = z.lazy(() => z.array(stepDoc).min(1).max(500));

const branch = {
  name: z.string().min(1).max(100).optional().describe("For people, and for joins. Default: its number."),
  next: target.optional().describe("The step that follows."),
  steps: stepList.optional(),
};

const nested = {
  decision: z
    .strictObject({
      type: z.literal("decision"),
      ...common,
      branches: z
        .array(z.strictObject({ ...branch, if: condition.describe("Expression.") }))
        .min(1)
        .max(50)
        .describe("The first whose expression is true is taken."),
      default: z
        .strictObject(branch)
        .optional()
        .describe("What is taken when no expression is true. A decision without it fails then."),
    })
    .describe("Chooses a branch: its `steps`, its `next`, or what follows the decision."),
  loop: z
    .strictObject({
      type: z.literal("loop"),
      ...common,
      over: z
        .unknown()
        .optional()
        .describe("A reference to a list: once for each element, which is `$item`."),
      times: z
        .union([z.int().min(1).max(10_000), z.string().min(1)])
        .optional()
        .describe("Or so many rounds."),
      delaySeconds: z.number().min(0).max(86_400).optional().describe("Pause between rounds."),
      steps: stepList,
      outputs: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(100),
            type: z.enum(["array", "count", "last"]).default("array"),
            value: z.unknown().optional().describe("Template, for `array` and `last`."),
            if: condition
              .optional()
              .describe("Expression: rounds in which it is true are counted, or collected."),
          }),
        )
        .max(50)
        .optional()
        .describe("What is collected over the rounds; also in `$outputs`."),
    })
    .describe("Repeats steps. Outputs: those of `outputs`, and `$count`."),
  parallel: z
    .strictObject({
      type: z.literal("parallel"),
      ...common,
      branches: z
        .array(z.strictObject({ name: z.string().min(1).max(100), steps: stepList }))
        .min(1)
        .max(20),
    })
    .describe("Runs branches side by side and waits for all of them."),
};

/** Every kind of step. */
export const stepDocs = [
  flat.action,
  flat.artifact,
  nested.decision,
  flat.humanDecision,
  flat.approval,
  nested.loop,
  flat.break,
  flat.filter,
  flat.join,
  flat.patternMatch,
  flat.lookupGlobalArtifact,
  flat.appendGlobalArtifact,
  nested.parallel,
  flat.workflow,
  flat.set,
  flat.sleep,
] as const;

const stepDoc = z.discriminatedUnion("type", stepDocs);
