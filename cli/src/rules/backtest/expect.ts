import type { Rule } from "@vedette/collector";
import { didYouMean, readSource, requireConfig } from "@vedette/core/config";
import { z } from "zod";
import { UsageError } from "../../exit.ts";
import type { BacktestReport } from "./backtest.ts";

const count = z.int().min(0).max(1_000_000_000);

/** What an expectation file may say. */
const expectations = z.strictObject({
  rules: z
    .record(
      z.string().min(1).max(1_000),
      z.union([
        z.strictObject({ exactly: count }),
        z
          .strictObject({ atLeast: count.optional(), atMost: count.optional() })
          .refine((each) => each.atLeast !== undefined || each.atMost !== undefined, {
            message: "Say exactly, atLeast or atMost.",
          }),
      ]),
    )
    .describe("Alerts that rules are to raise, by id or name."),
});

/** Least and most alerts of a rule. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A rule that did not do as expected. */
export interface Surprise {
  readonly rule: string;
  readonly alerts: number;
  /** As a person says it: `exactly 3`. */
  readonly expected: string;
  /** It fired and nobody expected anything of it: possibly wrongly. */
  readonly possibleFalsePositive: boolean;
}

/** What rules are to find, by the id of the rule. */
export type Expectations = ReadonlyMap<string, Bounds>;

/** Reads expectations. Throws a `ConfigError` for a bad file and a `UsageError` for a rule that is not among these. */
export function readExpectations(file: string, rules: readonly Rule[]): Expectations {
  const wanted = requireConfig(expectations, readSource(file));
  const byName = new Map(
    rules.flatMap(({ id, name, names }) => [id, name, ...names].map((each) => [each, id])),
  );
  return new Map(
    Object.entries(wanted.rules).map(([name, given]) => {
      const id = byName.get(name);
      if (id === undefined) {
        const meant = didYouMean(name, [...byName.keys()]);
        throw new UsageError(
          `${file} names the rule "${name}", which raises no alerts here.${meant ? ` ${meant}` : ""}`,
        );
      }
      if ("exactly" in given) return [id, { least: given.exactly, most: given.exactly }];
      return [id, { least: given.atLeast ?? 0, most: given.atMost ?? Number.POSITIVE_INFINITY }];
    }),
  );
}

/** What was not as expected. A rule that fired and of which nothing is expected may have fired wrongly. */
export function surprises({ rules }: BacktestReport, expected: Expectations): Surprise[] {
  return rules.flatMap(({ id, alerts }): Surprise[] => {
    const bounds = expected.get(id);
    const { least, most } = bounds ?? { least: 0, most: 0 };
    if (alerts >= least && alerts <= most) return [];
    const said = bounds === undefined ? "nothing" : boundsText(bounds);
    return [{ rule: id, alerts, expected: said, possibleFalsePositive: bounds === undefined }];
  });
}

function boundsText({ least, most }: Bounds): string {
  if (least === most) return `exactly ${least}`;
  if (most === Number.POSITIVE_INFINITY) return `at least ${least}`;
  return least === 0 ? `at most ${most}` : `${least} to ${most}`;
}
