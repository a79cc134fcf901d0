import type { Rule } from "@vedette/collector";
import { type Batch, overflowPath } from "@vedette/core/batch";
import { docOf } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import { maxBatchRows, sealedBatch } from "./batches.ts";
import { readEvent, type TriedEvent } from "./event.ts";
import type { NumberedLine } from "./line-reader.ts";
import type { RuleSet } from "./rule-set.ts";

/** Lines that are looked at together. */
export const linesAtOnce = maxBatchRows;

interface Row {
  readonly line: number;
  readonly tried: TriedEvent;
}

export interface MatchSummary {
  lines: number;
  matches: number;
  /** Lines that hold no event. */
  unread: number;
}

/** Tries rules on lines of JSON by the engine that a collector runs. */
export class MatchRun {
  readonly #rules: RuleSet;
  readonly #dataType: string | undefined;
  readonly #warn: (text: string) => void;
  readonly summary: MatchSummary = { lines: 0, matches: 0, unread: 0 };

  constructor(rules: RuleSet, dataType: string | undefined, warn: (text: string) => void) {
    this.#rules = rules;
    this.#dataType = dataType;
    this.#warn = warn;
  }

  /** Gives what is to be written for some lines: a match a line, in the order of the lines. */
  take(lines: readonly NumberedLine[]): string {
    const rows: Row[] = [];
    for (const { number, text } of lines) {
      this.summary.lines++;
      try {
        rows.push({ line: number, tried: readEvent(text, this.#dataType) });
      } catch (error) {
        this.summary.unread++;
        this.#warn(`Line ${number} is no event: ${messageOf(error)}.`);
      }
    }
    const found = new Map<number, string[]>();
    for (const group of grouped(rows)) this.#group(group, found);
    let text = "";
    for (const { line } of rows) {
      for (const rule of found.get(line) ?? []) {
        text += `{"line":${line},"rule":${JSON.stringify(rule)}}\n`;
        this.summary.matches++;
      }
    }
    return text;
  }

  #group(rows: readonly Row[], found: Map<number, string[]>): void {
    const { plain, event } = rows[0]!.tried;
    const { matcher } = this.#rules.for(plain);
    const note = (line: number, rule: Rule): void => {
      const rules = found.get(line);
      if (rules) rules.push(rule.id);
      else found.set(line, [rule.id]);
    };
    const dataType = event.dataType ?? "";
    const batch = batchOf(rows, dataType, plain);
    if (batch) matcher.match(batch, (row, rule) => note(rows[row]!.line, rule));
    else {
      for (const { line, tried } of rows) {
        for (const rule of matcher.matchOne(dataType, docOf(tried.event))) note(line, rule);
      }
    }
  }
}

function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const { plain, event } = row.tried;
    const key = `${plain} ${event.dataType}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

/** The events as a batch; undefined where they do not fit into one, or not all that they say has a column. */
function batchOf(rows: readonly Row[], dataType: string, keepsEmpty: boolean): Batch | undefined {
  const batch = sealedBatch(
    rows.map(({ tried }) => tried.event),
    dataType,
    keepsEmpty,
  );
  return batch?.columns.has(overflowPath) ? undefined : batch;
}
