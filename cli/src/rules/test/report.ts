import { styleText } from "node:util";
import type { Failure } from "./compare.ts";
import type { VisibleAlert } from "./prove.ts";
import type { TestedDetection } from "./run.ts";

/** Failures shown of one case; the others are counted. */
const maxShown = 20;
/** Events shown of one alert; the last ones, which raised it. */
const maxEvents = 5;
const maxLine = 300;

// Colours only where a person looks, and not with NO_COLOR.
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** Control and direction characters of log lines must not reach a terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
const short = (text: string): string =>
  printable(text.length > maxLine ? `${text.slice(0, maxLine)}...` : text);

const said: Record<Failure["kind"], string> = {
  missing: "expected, but not raised",
  unexpected: "raised, but not expected",
  different: "raised otherwise than expected",
  quiet: "raised for what must stay quiet",
  other: 'another rule found something; say why under "also", or mend it',
  "silent-other": 'named under "also", but it found nothing',
  engine: "the plain form of the engine (found) differs from the fast one (expected): a fault of Vedette",
};

/** The events of an alert with their lines; ids are `line-1` and on, then `event-1` and on. */
function eventLines(
  { events }: VisibleAlert,
  { loud, quiet }: TestedDetection["lines"],
  calm: boolean,
): string[] {
  const lines = calm ? quiet : loud;
  const ids = events ?? [];
  const hidden = ids.length - maxEvents;
  const shown = ids.slice(-maxEvents).map((id) => {
    const written = /^line-(\d+)$/.exec(id ?? "");
    const text = written ? lines[Number(written[1]) - 1] : undefined;
    return `    ${id}${text === undefined ? "" : `  ${short(text)}`}`;
  });
  return [...(hidden > 0 ? [`    ${hidden} events before`] : []), ...shown];
}

function failureText({ kind, alert, rule, differences }: Failure, lines: TestedDetection["lines"]): string[] {
  const what = alert ? `${alert.ruleId} "${printable(alert.name ?? "")}"` : `rule ${rule}`;
  return [
    `  ${paint("bold", what)}  ${said[kind]}`,
    ...(alert ? eventLines(alert, lines, kind === "quiet") : []),
    ...(differences ?? []).flatMap(({ path, expected, found }) => [
      `    ${path}`,
      paint("red", `      expected  ${short(expected ?? "nothing")}`),
      paint("green", `      found     ${short(found ?? "nothing")}`),
    ]),
  ];
}

/** One case as lines for people: one when it passed, what is wrong when not. */
export function detectionText(tested: TestedDetection): string {
  const { folder, passed, events, alerts, failures, problem, updated, lines } = tested;
  const count = `${events} events, ${alerts} ${alerts === 1 ? "alert" : "alerts"}`;
  if (passed) return `${paint("green", "ok")}    ${folder}  ${count}${updated ? ", written anew" : ""}\n`;
  const hidden = failures.length - maxShown;
  return [
    `${paint("red", "FAIL")}  ${folder}  ${problem ?? `${count}, ${failures.length} wrong${updated ? ", written anew" : ""}`}`,
    ...failures.slice(0, maxShown).flatMap((failure) => failureText(failure, lines)),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
    "",
  ].join("\n");
}
