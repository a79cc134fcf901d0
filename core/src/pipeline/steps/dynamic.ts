import type { ParseStep } from "@vedette/sdk";
import { z } from "zod";
import { addError, type Draft } from "../draft.ts";
import type { JsonObject } from "../paths/index.ts";
import { type RunStep, type StepContext, StepError } from "./step.ts";
import { where } from "./where.ts";

/** Calls a parsing plugin of the EventProcessor. */
export const dynamic = z
  .strictObject({
    plugin: z
      .string()
      .regex(/^[\w.-]{1,100}$/, "letters, digits, dots, hyphens and underscores")
      .describe("Name of the plugin, such as `com.utmstack.geolocation`."),
    params: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("What the plugin is told, by name; its own business."),
    where,
  })
  .describe(
    "Calls a step that a plugin of the agent brings, or a parsing plugin over its socket `<plugin>_parsing.sock` (docs/guide/socket-plugins.md). Where it does not answer, the draft stays as it was with an entry in `errors`, and the next step runs. It cannot stand inside another step.",
  );

/** What stays as the log says, whatever a plugin answers. */
const own = ["id", "dataType", "dataSource", "@timestamp", "tenantId", "raw"] as const;

/**
 * The step itself only takes over what the plugin has answered, which a program that can wait has put on the draft
 * (`waiting.ts`). Anywhere else no plugin is called.
 */
export function compileDynamic({ plugin, params }: z.infer<typeof dynamic>, context: StepContext): RunStep {
  const parser = context.parsers.get(plugin);
  if (parser) return inProcess(parser, params);
  if (context.depth > 0) {
    const remedy = 'Put it into the list of the stage, and say in its "where" when it is called.';
    throw new StepError([], "A dynamic step cannot stand inside another step.", remedy);
  }
  if (!context.callsPlugins)
    context.warn(`Nobody calls the plugin "${plugin}" here; the step leaves an error in every event.`, [
      "plugin",
    ]);
  return (draft: Draft) => {
    const { answer, root: before } = draft;
    draft.answer = undefined;
    if (answer === undefined) throw new Error(`plugin ${plugin} is not connected`);
    if (answer instanceof Error) throw answer;
    const { root, errors } = answer;
    for (const key of own) putBack(root, key, before[key]);
    draft.root = root;
    for (const error of errors) addError(draft.errors, error);
    return undefined;
  };
}

function putBack(root: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete root[key];
  else if (root[key] !== value) root[key] = value;
}

/** The step of a plugin in this process: called where it stands, for it is trusted to be quick. */
const inProcess =
  (parser: ParseStep, params: unknown): RunStep =>
  ({ root }) => {
    const { id, dataType, dataSource, "@timestamp": timestamp, tenantId, raw } = root;
    try {
      parser(root, params);
    } finally {
      putBack(root, "id", id);
      putBack(root, "dataType", dataType);
      putBack(root, "dataSource", dataSource);
      putBack(root, "@timestamp", timestamp);
      putBack(root, "tenantId", tenantId);
      putBack(root, "raw", raw);
    }
    return undefined;
  };
