import { OpenAPIHono } from "@hono/zod-openapi";
import { nearest } from "@vedette/core/config";
import type { z } from "zod";
import type { ApiEnv } from "../guard/index.ts";
import { badParameter, Problem } from "../problem.ts";

export type Router = OpenAPIHono<ApiEnv>;

/** A router whose requests are checked against their schemas; what does not fit becomes a problem. */
export function router(): Router {
  const made: Router = new OpenAPIHono<ApiEnv>({
    strict: false,
    defaultHook: (result, c) => {
      if (!result.success) throw problemOf(result.target, result.error, parametersOf(made, c.req.routePath));
    },
  });
  return made;
}

/** A route as the OpenAPI document describes it. */
export interface Described {
  readonly method: string;
  /** As in OpenAPI, such as `/events/{id}`. */
  readonly path: string;
  readonly parameters: readonly string[];
}

/** The routes of a router, from the registry the document is made of. */
export const describedRoutes = (from: Router): Described[] =>
  from.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route"
      ? [
          {
            method: definition.route.method.toUpperCase(),
            path: definition.route.path,
            parameters: Object.keys(
              (definition.route.request?.query as { shape?: object } | undefined)?.shape ?? {},
            ),
          },
        ]
      : [],
  );

const parametersOf = (from: Router, routePath: string): readonly string[] =>
  describedRoutes(from).find(({ path }) => routePath.endsWith(path.replaceAll(/\{(\w+)\}/g, ":$1")))
    ?.parameters ?? [];

function problemOf(target: string, error: z.core.$ZodError, parameters: readonly string[]): Problem {
  const [issue] = error.issues;
  if (issue === undefined) return new Problem("bad-parameter", "The request does not fit its schema.");
  const name = issue.path.map(String).join(".");
  if (target === "json") return bodyProblem(issue, name);
  if (issue.code === "unrecognized_keys") return unknownParameter(issue.keys, parameters);
  const parameter = String(issue.path[0] ?? "");
  return badParameter(parameter, `The parameter "${parameter}" does not fit: ${sentence(issue.message)}`);
}

function unknownParameter(keys: readonly string[], parameters: readonly string[]): Problem {
  const parameter = (keys[0] ?? "").slice(0, 80);
  const suggestion = nearest(parameter, parameters);
  const list = parameters.length > 0 ? `It takes ${parameters.join(", ")}.` : "It takes none.";
  return new Problem("unknown-parameter", `This address takes no parameter "${parameter}".`, {
    parameter,
    ...(suggestion === undefined ? {} : { suggestion }),
    cure: suggestion === undefined ? list : `Did you mean "${suggestion}"? ${list}`,
  });
}

function bodyProblem(issue: z.core.$ZodIssue, name: string): Problem {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  return new Problem(
    "bad-body",
    unknown === undefined
      ? `The body does not fit${name === "" ? "" : ` at "${name}"`}: ${sentence(issue.message)}`
      : `The body has an unknown key "${unknown.slice(0, 80)}".`,
    { parameter: unknown ?? name },
  );
}

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);
