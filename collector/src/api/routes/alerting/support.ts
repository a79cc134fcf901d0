import { z } from "@hono/zod-openapi";
import { isVedetteError } from "@vedette/sdk";
import { type Alerting, tacticName, techniqueName } from "../../../alerting/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { Problem } from "../../problem.ts";

/** The alert pipeline, or the problem that it is not there yet. */
export function alertingOf({ alerting }: ApiDeps): Alerting {
  const found = alerting?.();
  if (found) return found;
  throw new Problem(
    "store-unavailable",
    "The store is being opened; the collector's log says what it waits for.",
    { cure: "Try again in a moment." },
    { "retry-after": "2" },
  );
}

/** Turns refusals into problems. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RangeError) throw new Problem("bad-body", error.message, {}, {}, { cause: error });
    if (!isVedetteError(error)) throw error;
    if (error.code === "alerting.unknown") throw new Problem("not-found", error.message);
    if (error.code === "alerting.conflict")
      throw new Problem("conflict", error.message, { cure: "Look at it again, then repeat what you meant." });
    throw error;
  }
}

export const iso = (time: number): string => new Date(time).toISOString();

export const noQuery = z.strictObject({});

export const bodyOf = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});

const named = z.object({ id: z.string(), name: z.string().optional() });

/** What ATT&CK calls the tactics and techniques of something. */
export const attackSchema = z
  .object({ tactics: z.array(named), techniques: z.array(named) })
  .openapi("Attack", { description: "Names from MITRE ATT&CK; left out where one is unknown here." });

export const attackOf = (of: {
  readonly tactics?: readonly string[] | undefined;
  readonly techniques?: readonly string[] | undefined;
}) => ({
  tactics: (of.tactics ?? []).map((id) => withName(id, tacticName(id))),
  techniques: (of.techniques ?? []).map((id) => withName(id, techniqueName(id))),
});

const withName = (id: string, name: string | undefined) => ({ id, ...(name !== undefined && { name }) });
