import type { Match } from "../detect/index.ts";
import { head, Names, named, targetBytes } from "./parts.ts";

/**
 * Matches of events and alerts by themselves as lines of JSON: the head, then `[routes, remember, ask, is alert, event]` a match.
 * Alerts are told of in this form; events were by versions before rows were sent.
 */
export function eventLines(matches: readonly Match[], partitions: number): Buffer[] {
  const records: Buffer[] = [];
  let names = new Names();
  let lines: string[] = [];
  let size = 0;
  const close = (): void => {
    const first = JSON.stringify({ v: 1, partitions, names: names.all });
    records.push(Buffer.from(`${first}\n${lines.join("\n")}`));
    names = new Names();
    lines = [];
    size = 0;
  };
  for (const { subject, remember, ask, routes } of matches) {
    if (subject.kind === "row") throw new RangeError("Rows are sent as columns.");
    const isAlert = subject.kind === "alert";
    const text = JSON.stringify(isAlert ? subject.alert : subject.event);
    if (lines.length > 0 && size + text.length > targetBytes) close();
    const numbers = [routes, names.numbers(remember), names.numbers(ask), isAlert ? 1 : 0];
    lines.push(`[${numbers.map((each) => JSON.stringify(each)).join(",")},${text}]`);
    size += text.length;
  }
  if (lines.length > 0) close();
  return records;
}

/** Reads what `eventLines` made: its first line and the rest. Throws where it did not. */
export function readLines(first: unknown, rest: Buffer): { matches: Match[]; partitions: number } {
  const { partitions, names } = head.parse(first);
  const lines = rest.length === 0 ? [] : rest.toString().split("\n");
  return { matches: lines.map((text) => matchOf(JSON.parse(text), names)), partitions };
}

/** By hand: there is one a line, and a schema takes longer than reading its JSON. */
function matchOf(line: unknown, names: readonly string[]): Match {
  if (!Array.isArray(line) || line.length !== 5) throw new RangeError("a line is no list of five");
  const [routes, remember, ask, isAlert, event] = line as unknown[];
  if (typeof event !== "object" || event === null || Array.isArray(event)) throw new RangeError("no event");
  return {
    subject: isAlert === 1 ? { kind: "alert", alert: event } : { kind: "event", event },
    remember: named(numbersOf(remember), names),
    ask: named(numbersOf(ask), names),
    routes: numbersOf(routes),
  };
}

function numbersOf(list: unknown): number[] {
  if (!Array.isArray(list) || !list.every((each) => Number.isInteger(each) && each >= 0))
    throw new RangeError("no list of whole numbers");
  return list as number[];
}
