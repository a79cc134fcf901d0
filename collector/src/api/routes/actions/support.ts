import { isVedetteError } from "@vedette/sdk";
import type { Context } from "hono";
import type { Actions, By, Change } from "../../../respond/index.ts";
import type { ApiDeps } from "../../deps.ts";
import type { ApiEnv } from "../../guard/index.ts";
import { Problem } from "../../problem.ts";

/** The actions of this collector. */
export function actionsOf({ actions }: ApiDeps): Actions {
  if (!actions) throw new Problem("not-found", "This collector runs no actions.");
  return actions;
}

/** What actions refuse, as problems. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isVedetteError(error)) throw error;
    if (error.code === "action.unknown") throw new Problem("not-found", error.message);
    if (error.code === "action.refused") throw new Problem("refused", error.message);
    throw error;
  }
}

const isAdmin = (c: Context<ApiEnv>): boolean => c.get("caller").scopes.includes("admin");

/** The caller as somebody who asks for an action. */
export function byOf(c: Context<ApiEnv>): By {
  const { name, keyId = "local" } = c.get("caller");
  return { name, id: keyId, origin: "person", admin: isAdmin(c) };
}

/** The caller as somebody who changes a run. */
export function changeOf(c: Context<ApiEnv>, reason: string): Change {
  const { name, keyId = "local" } = c.get("caller");
  return { by: name, id: keyId, person: true, reason };
}

/** For what makes it less safe. */
export function requireAdmin(c: Context<ApiEnv>): void {
  if (!isAdmin(c))
    throw new Problem("not-allowed", `The key "${c.get("caller").name}" has no scope "admin".`, {
      cure: "Use a key with the scope admin.",
    });
}

export const iso = (at: number | string): string => new Date(Number(at)).toISOString();
