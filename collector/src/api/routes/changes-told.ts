import { isVedetteError } from "@vedette/sdk";
import { Problem } from "../problem.ts";

/** Why something that is kept under a version was not changed, as problems. */
export async function toldOfChange<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RangeError) throw new Problem("bad-body", error.message);
    if (isVedetteError(error) && error.code === "connection.conflict")
      throw new Problem("conflict", error.message, { cure: "Look at it again, then repeat what you meant." });
    throw error;
  }
}
