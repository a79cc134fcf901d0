import { nearest } from "@vedette/core/config";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import { comparisonOf } from "./comparison.ts";
import { type Comparison, type Operator, operators } from "./condition.ts";
import { fieldOf } from "./field.ts";

const isOperator = (word: string): word is Operator => (operators as readonly string[]).includes(word);

/**
 * Reads one `filter` parameter: `field:value`, or `field:operator:value`. A value that starts like an operator is
 * written with `eq:` before it. Lists are separated by commas, `\,` is a comma.
 */
export function readFilter(text: string, now: number): Comparison {
  const parameter = "filter";
  if (text.length > limits.filterLength)
    throw badParameter(parameter, `A filter is longer than ${limits.filterLength} characters.`);
  const colon = text.indexOf(":");
  if (colon <= 0)
    throw badParameter(parameter, `The filter "${text.slice(0, 80)}" names no field.`, {
      at: 0,
      cure: "Write field:value, such as origin.ip:192.0.2.7, or field:operator:value.",
    });
  const field = fieldOf(text.slice(0, colon), parameter, 0);
  const rest = text.slice(colon + 1);
  const next = rest.indexOf(":");
  const word = next < 0 ? "" : rest.slice(0, next);
  if (!isOperator(word)) {
    checkMisspelt(word, field.kind);
    return comparisonOf(field, "eq", [rest], { parameter, at: colon + 1, now });
  }
  const value = rest.slice(next + 1);
  const at = colon + 1 + next + 1;
  const list = word === "in" || word === "notIn";
  return comparisonOf(field, word, list ? splitList(value) : [value], { parameter, at, now });
}

/** A lower-case word before a second colon that is nearly an operator was meant as one, unless the field is text. */
function checkMisspelt(word: string, kind: string): void {
  if (kind === "text" || kind === "dynamic" || kind === "texts" || kind === "time" || word === "") return;
  const suggestion = nearest(word, operators);
  throw badParameter("filter", `There is no operator "${word.slice(0, 40)}".`, {
    ...(suggestion === undefined ? {} : { suggestion }),
    cure: `Use one of ${operators.join(", ")}.`,
  });
}

const splitList = (value: string): string[] =>
  value.split(/(?<!\\),/).map((item) => item.replaceAll("\\,", ","));
