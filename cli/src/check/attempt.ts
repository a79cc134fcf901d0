import { ConfigError, type Problem } from "@vedette/core/config";
import { isVedetteError } from "@vedette/sdk";

/** Collects what is wrong instead of ending at the first mistake. */
export class Attempts {
  readonly problems: Problem[] = [];

  /** The same of work that takes its time. */
  async wait<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      return this.try(() => {
        throw error;
      });
    }
  }

  /** What the work gives, or undefined where configuration is wrong; the reasons are then among the problems. */
  try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConfigError) this.problems.push(...error.problems);
      else if (isVedetteError(error))
        this.problems.push({ file: "", line: 1, column: 1, path: "", message: error.message });
      else throw error;
      return undefined;
    }
  }
}
