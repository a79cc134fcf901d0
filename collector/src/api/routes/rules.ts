import { createRoute, z } from "@hono/zod-openapi";
import { ConfigError, formatProblem } from "@vedette/core/config";
import { isVedetteError } from "@vedette/sdk";
import { writeAudit } from "../../control/index.ts";
import type { RuleChanges } from "../../rule-book.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const note = z.object({ id: z.string(), name: z.string(), file: z.string(), line: z.int() });
const many = z.int().min(0);

const reload = createRoute({
  method: "post",
  path: "/rules/reload",
  summary: "Read rules and workflows again",
  description:
    "Reads the rules and workflows of the configuration again and runs them in place of the old ones, without losing an event. Where one is wrong, all stays as it was, and the problems say where. Needs the scope admin.",
  responses: {
    200: jsonAnswer(
      z
        .object({
          rules: many.openapi({ description: "Rules that run now." }),
          files: many,
          filesCompiled: many.openapi({ description: "Files that were not known from before." }),
          counts: z.object({ added: many, changed: many, removed: many }),
          added: z.array(note),
          changed: z.array(note),
          removed: z.array(note),
          warnings: z.array(z.string()).openapi({ description: "As file:line:column: path: message." }),
          ms: many,
        })
        .openapi("RuleChanges", { description: "Lists hold a thousand at most; counts are whole." }),
      "What changed.",
    ),
    ...problems,
  },
});

/** Changing the rules that run. */
export function ruleReloadRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(reload, async (c) => {
    const { warnings, added, changed, removed, ...rest } = await reloaded(deps);
    const database = deps.alerting?.()?.database;
    const author = c.get("caller").name;
    const entry = { author, action: "rules.reload", subject: "rules", detail: rest };
    if (database) await writeAudit(database, entry, deps.clock.now());
    const lists = { added: [...added], changed: [...changed], removed: [...removed] };
    return c.json({ ...rest, ...lists, warnings: warnings.map(formatProblem) }, 200);
  });
}

const maxProblems = 1_000;

/** Reads the rules again. Throws a problem that says what keeps them from running. */
export async function reloaded({ rules }: ApiDeps): Promise<RuleChanges> {
  if (!rules) throw new Problem("not-found", "Rules cannot be read again here.");
  try {
    return await rules.reload();
  } catch (error) {
    if (error instanceof ConfigError) {
      const listed = error.problems.slice(0, maxProblems);
      const detail = `${error.problems.length === 1 ? "One mistake" : `${error.problems.length} mistakes`} in the rules or workflows; the old ones go on.`;
      const places = listed.map(({ file, line, column, path, message, suggestion }) => ({
        key: `${file}:${line}:${column}`,
        message: [path && `${path}:`, message, suggestion].filter(Boolean).join(" "),
      }));
      throw new Problem("bad-rules", detail, { problems: places }, {}, { cause: error });
    }
    if (isVedetteError(error) && error.verdict.verdict === "retry")
      throw new Problem("conflict", error.message, {}, {}, { cause: error });
    throw error;
  }
}
