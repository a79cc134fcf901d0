import { styleText } from "node:util";
import type { BlockShare, Failure } from "@vedette/core/pipeline-test";
import type { TestedCase } from "./run.ts";

/** Failing lines shown of one case; the others are counted. */
const MAX_SHOWN = 20;
const MAX_LINE = 300;

// Colours only where a person looks, and not with NO_COLOR.
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** Control and direction characters of log lines must not reach a terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");

function failure({ line, raw, differences, compiled }: Failure): string[] {
  const short =
    raw === undefined ? "(no such line)" : raw.length > MAX_LINE ? `${raw.slice(0, MAX_LINE)}...` : raw;
  return [
    `  ${paint("bold", `line ${line}`)}  ${printable(short)}`,
    ...(compiled
      ? ["    The compiled pipeline (found) differs from the interpreted one (expected): a fault of Vedette."]
      : []),
    ...differences.flatMap(({ path, expected, found }) => [
      `    ${path}`,
      paint("red", `      expected  ${printable(expected ?? "nothing")}`),
      paint("green", `      found     ${printable(found ?? "nothing")}`),
    ]),
  ];
}

/** One case as lines for people: one when it passed, its differences when not. */
export function caseText(tested: TestedCase): string {
  const { folder, passed, lines, failures, problem, updated } = tested;
  const count = `${lines} ${lines === 1 ? "line" : "lines"}`;
  if (passed) return `${paint("green", "ok")}    ${folder}  ${count}${updated ? ", written anew" : ""}\n`;
  const hidden = failures.length - MAX_SHOWN;
  return [
    `${paint("red", "FAIL")}  ${folder}  ${problem === undefined ? `${failures.length} of ${count}` : problem}`,
    ...failures.slice(0, MAX_SHOWN).flatMap(failure),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
    "",
  ].join("\n");
}

const placed = (where: string): string => printable(where.replace(`${process.cwd()}/`, ""));

/** How lines of a data type are read, as lines for people. */
export function shareText({ dataType, noBlock, lines, alone, left }: BlockShare): string {
  if (noBlock)
    return `${dataType}: lines are read one by one. ${noBlock.step ? `${placed(noBlock.step)}: ` : ""}${noBlock.why}.\n`;
  const share = lines === 0 ? 0 : Math.round((100 * alone) / lines);
  const list = left.map(({ where, lines: count }) => `  ${count}  ${placed(where)}\n`);
  return `${dataType}: many lines are read at once; ${alone} of ${lines} (${share} %) one by one${alone > 0 ? ", after:" : ""}\n${list.join("")}`;
}
