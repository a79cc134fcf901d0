import type { ObjectDoc } from "./cel/index.ts";
import { addError, type Draft } from "./draft.ts";
import type { CompiledStep } from "./plan.ts";
import { runStep } from "./run-step.ts";

/** Lines longer than this, in characters, are watched. Steps take time in proportion to the text, so others cannot be slow. */
export const LONG_LINE = 4096;
/** After so many lines over its time, a step is left out for long lines. */
export const MAX_SLOW = 16;

const SLOW_MS = 25;
const SLOW_MS_PER_CHARACTER = 0.000_25;

/** CPU time of this thread in milliseconds; a busy machine does not stretch it. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs a step on a long line. One that takes more than 25 ms and 0.25 µs for each character is counted as slow; one
 * that was so too often is left out for long lines, with an entry in their errors. So nobody can stop an agent with
 * such lines, nor the parsing of all other lines. A step with steps inside is not watched, they are.
 */
export function runWatched(step: CompiledStep, draft: Draft, doc: ObjectDoc): void {
  if (step.nested.length > 0) {
    runStep(step, draft, doc);
    return;
  }
  const { counters } = step;
  if (isQuarantined(step)) {
    counters.leftOut++;
    addError(draft.errors, `${step.label}: Left out, because it was too slow on ${MAX_SLOW} long lines.`);
    return;
  }
  const start = cpuMs();
  runStep(step, draft, doc);
  const { raw } = draft.root;
  const allowed = SLOW_MS + SLOW_MS_PER_CHARACTER * (typeof raw === "string" ? raw.length : 0);
  if (cpuMs() - start > allowed) counters.slow++;
}

/** True for a step that is left out for long lines. */
export const isQuarantined = ({ counters }: CompiledStep): boolean => counters.slow >= MAX_SLOW;
