import { searchRegex } from "@vedette/core/pipeline";
import type { MultilineSettings } from "./settings.ts";

/** What a line is to the event that is being put together. */
export interface Piece {
  /** Lines of several streams may lie in one file between each other; each is put together for itself. */
  readonly stream: string;
  /** Text to add. */
  readonly text: string;
  /** The event before ends with the line before. */
  readonly begins: boolean;
  /** The event ends with this line. */
  readonly ends: boolean;
  /** What comes before the first text of an event, and behind its last. */
  readonly frame?: { readonly before: string; readonly after: string };
}

/** How lines become events. */
export interface JoinRule {
  /** Between the texts of one event. */
  readonly separator: string;
  piece(line: string): Piece;
}

/** Patterns see this much of a line. */
const seenCharacters = 4_096;

/** Lines that belong to the event before, by preset. Formats: the stack traces of the languages' own runtimes. */
const continuations = {
  indented: String.raw`^\s`,
  java: String.raw`^(?:\s|Caused by: |Suppressed: |[\w$.]+\.[\w$]*(?:Exception|Error|Throwable)\b)`,
  python: String.raw`^(?:\s|Traceback \(most recent call last\):|During handling of the above|The above exception was|[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration)(?::|$))`,
  go: String.raw`^(?:\s|goroutine \d+ |\[signal |created by |exit status \d|[\w./*\xb7-]+\.[\w.*()\[\]\xb7]*\(.*\)$)`,
} as const;

/** Makes the rule of checked settings. Throws PatternError where an expression is wrong. */
export function joinRule({ preset, start, continuation, end, negate }: MultilineSettings): JoinRule {
  if (preset === "cri") return cri;
  if (preset === "docker") return docker;
  if (preset !== undefined) return byPattern(continuations[preset], (matches) => [!matches, false]);
  if (start !== undefined) return byPattern(start, (matches) => [matches !== negate, false]);
  if (continuation !== undefined) return byPattern(continuation, (matches) => [matches === negate, false]);
  return byPattern(end ?? "", (matches) => [false, matches !== negate]);
}

function byPattern(source: string, decide: (matches: boolean) => readonly [boolean, boolean]): JoinRule {
  const pattern = searchRegex(source);
  return {
    separator: "\n",
    piece: (line) => {
      const [begins, ends] = decide(pattern.test(line.slice(0, seenCharacters)));
      return { stream: "", text: line, begins, ends };
    },
  };
}

/** Kubernetes' log format: `<time> <stream> <P|F> <text>`; P says that the text goes on in the next line of the stream. */
const criLine = /^(\S{1,40} (stdout|stderr) )([PF])(?::\S{0,40})? /;
const cri: JoinRule = {
  separator: "",
  piece: (line) => {
    const match = criLine.exec(line);
    if (!match) return { stream: "", text: line, begins: true, ends: true };
    const [all, before = "", stream = "", tag] = match;
    const frame = { before: `${before}F `, after: "" };
    return { stream, text: line.slice(all.length), begins: false, ends: tag === "F", frame };
  },
};

/** Docker's json-file format: a `log` that does not end with a newline goes on in the next line of its stream. */
const docker: JoinRule = {
  separator: "",
  piece: (line) => {
    const alone = { stream: "", text: line, begins: true, ends: true };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return alone;
    }
    if (typeof value !== "object" || value === null || !("log" in value)) return alone;
    const { log, ...rest } = value as { log: unknown; stream?: unknown };
    if (typeof log !== "string") return alone;
    // The text stays as JSON writes it, so that joining is adding.
    const text = JSON.stringify(log).slice(1, -1);
    const others = JSON.stringify(rest).slice(1);
    const frame = { before: '{"log":"', after: others === "}" ? '"}' : `",${others}` };
    return { stream: String(rest.stream ?? ""), text, begins: false, ends: log.endsWith("\n"), frame };
  },
};
