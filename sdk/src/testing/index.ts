import type { Clock, Deps, Logger } from "../deps.ts";
import type { AnyPlugin } from "../plugin.ts";
import { definePlugin } from "../plugin.ts";

/** A clock that stands still until it is moved. */
export function manualClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A logger that keeps its lines for assertions. */
export function recordingLogger(): Logger & {
  readonly lines: { level: string; fields: object; message: string }[];
} {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export function testDeps(signal: AbortSignal = new AbortController().signal): Deps {
  return { log: recordingLogger(), clock: manualClock(), signal };
}

/** Problems of a plugin's manifest that hold whatever it does; empty when it keeps the contract. */
export function manifestProblems(plugin: AnyPlugin): string[] {
  const problems: string[] = [];
  try {
    definePlugin(plugin);
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (!plugin.settings.safeParse({}).success) problems.push("The settings have no complete defaults.");
  if (plugin.settings.safeParse({ noSuchSetting: 1 }).success)
    problems.push("The settings accept an unknown key.");
  if (!plugin.locales.en["description"]) problems.push('The locale "en" has no "description".');
  return problems;
}
