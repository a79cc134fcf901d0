import { isVedetteError } from "@vedette/sdk";
import { Problem } from "../problem.ts";

/** What jobs refuse, as problems. Without workflows there is nothing to find. */
export async function told<T>(work: () => Promise<T>, respond: unknown): Promise<T> {
  if (respond === undefined) throw new Problem("not-found", "This collector runs no workflows.");
  try {
    return await work();
  } catch (error) {
    if (!isVedetteError(error)) throw error;
    if (error.code === "job.unknown") throw new Problem("not-found", error.message);
    if (error.code === "job.refused") throw new Problem("conflict", error.message);
    throw error;
  }
}
