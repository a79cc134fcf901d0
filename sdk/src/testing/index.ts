import type { z } from "zod";
import type { Clock, Deps } from "../deps.ts";
import type { InputDeps } from "../input.ts";
import type { AnyPlugin } from "../plugin.ts";
import { definePlugin } from "../plugin.ts";
import { settingFields } from "../settings/index.ts";
import { recordingLogger } from "./recording-logger.ts";

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

export function testDeps(signal: AbortSignal = new AbortController().signal): Deps {
  return { log: recordingLogger(), clock: manualClock(), signal };
}

/** Counters and places that a test can look at, and the deps of an input that write them. */
export function testInputDeps(
  over: Partial<InputDeps> = {},
): InputDeps & { readonly counts: Map<string, number>; readonly log: ReturnType<typeof recordingLogger> } {
  const counts = new Map<string, number>();
  const count =
    (kind: string) =>
    (reason: string, n = 1) =>
      void counts.set(`${kind}:${reason}`, (counts.get(`${kind}:${reason}`) ?? 0) + n);
  return {
    ...testDeps(over.signal),
    inputId: "test-1",
    agentId: "agent-1",
    dataType: "generic",
    dataSource: "this-host",
    dataSourceIsSet: false,
    baseDir: process.cwd(),
    get stateDir(): string {
      throw new Error("This input was given no folder.");
    },
    checkpoint: () => undefined,
    forget: () => undefined,
    dropped: count("dropped"),
    failed: count("failed"),
    flawed: count("flawed"),
    ...over,
    log: recordingLogger(),
    counts,
  };
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
  if (plugin.input) problems.push(...inputProblems(plugin.input.settings));
  const texts = ["description", ...labelsOf(plugin)];
  for (const key of texts) if (!plugin.locales.en[key]) problems.push(`The locale "en" has no "${key}".`);
  for (const { key, help } of settingFields(plugin.settings, plugin.locales, "en"))
    if (help === "") problems.push(`The setting "${key}" does not say what it is for.`);
  return problems;
}

/** Keys of the texts that pages show of a plugin. */
function labelsOf(plugin: AnyPlugin): string[] {
  const fields = settingFields(plugin.settings, {}, "en");
  return [
    ...fields.map(({ key }) => key),
    ...fields.flatMap(({ key, options = [] }) => options.map(({ value }) => `${key}.${value}`)),
    ...(plugin.widgets ?? []).map(({ id }) => `widget.${id}`),
    ...(plugin.page ? ["page"] : []),
    ...(plugin.views ?? []).map(({ id }) => `view.${id}`),
    ...(plugin.action?.actions ?? []).flatMap(({ name, parameters = [] }) => [
      ...[name, `${name}.help`],
      ...parameters.flatMap((each) => [
        `${name}.${each.name}`,
        ...(each.options ?? []).map((word) => `${name}.${each.name}.${word}`),
      ]),
    ]),
  ];
}

/** An input's settings are strict and every key says what it is for. */
function inputProblems(settings: z.ZodType): string[] {
  const shape = (settings as { shape?: Record<string, { description?: string }> }).shape ?? {};
  const undescribed = Object.entries(shape).filter(([, field]) => !field.description);
  const problems = undescribed.map(([key]) => `The input's setting "${key}" has no description.`);
  const unknown = settings.safeParse({ noSuchSetting: 1 }).error?.issues ?? [];
  if (!unknown.some(({ code }) => code === "unrecognized_keys"))
    problems.push("The input's settings accept an unknown key.");
  return problems;
}

export { type CertificateFiles, noOpenssl, TestAuthority } from "./certificates.ts";
export { eventually } from "./eventually.ts";
export { freePort } from "./free-port.ts";
export { heldBytes, mostHeldDuring } from "./held-memory.ts";
export { InputBench, type Life } from "./input-bench.ts";
export { recordingLogger } from "./recording-logger.ts";
