import { hash } from "node:crypto";
import { builtin } from "@vedette/agent";
import { builtinRules, createDetector, type Detector, requireRules } from "@vedette/collector";
import { didYouMean, formatProblem, type Problem } from "@vedette/core/config";
import { loadPipelines, type PipelinePlan, type PipelineSet } from "@vedette/core/pipeline";
import { createLogger } from "@vedette/core/telemetry";
import { defaultTenant, type Event, type Log, systemClock } from "@vedette/sdk";
import { type Line, splitLines } from "./lines.ts";
import type { Output } from "./output.ts";

export interface ProcessSettings {
  readonly type: string;
  readonly source: string;
  readonly tenant?: string;
  /** `@timestamp` of every event, RFC 3339; the time of reading when left out. */
  readonly time?: string;
  readonly pipeline: readonly string[];
  readonly rules: readonly string[];
  /** Where alerts go; rules run when it or `rules` is given. */
  readonly alerts?: string;
}

export interface ProcessSummary {
  lines: number;
  events: number;
  dropped: number;
  /** Events with `errors`. */
  flawed: number;
  /** undefined when no rules ran. */
  alerts: number | undefined;
  seconds: number;
}

/** Lines in, events and alerts out, with the code that agents and collectors run. */
export class ProcessRun {
  readonly #settings: ProcessSettings;
  readonly #pipelines: PipelineSet;
  readonly #detector: Detector | undefined;
  readonly #summary: ProcessSummary;

  private constructor(settings: ProcessSettings, pipelines: PipelineSet, detector: Detector | undefined) {
    this.#settings = settings;
    this.#pipelines = pipelines;
    this.#detector = detector;
    this.#summary = {
      lines: 0,
      events: 0,
      dropped: 0,
      flawed: 0,
      alerts: detector ? 0 : undefined,
      seconds: 0,
    };
  }

  /**
   * Loads pipelines and rules. Throws a `ConfigError` that names every mistake in them; `remark` is told what is
   * doubtful, a line each.
   */
  static async load(settings: ProcessSettings, remark: (line: string) => void): Promise<ProcessRun> {
    const warn = (problem: Problem): void => remark(formatProblem(problem));
    const pipelines = loadPipelines(settings.pipeline.length > 0 ? settings.pipeline : builtin.pipelines(), {
      parsers: builtin.parsers,
    });
    const { plan, dataTypes } = pipelines;
    for (const warning of plan.warnings) warn(warning);
    if (!dataTypes.includes(settings.type)) remark(noPipeline(settings.type, dataTypes));
    if (settings.rules.length === 0 && settings.alerts === undefined)
      return new ProcessRun(settings, pipelines, undefined);
    const { patterns } = plan;
    const paths = settings.rules.length > 0 ? settings.rules : builtinRules();
    const off = disabledRules(plan, settings.tenant);
    const rules = requireRules(paths, warn, { patterns }).filter((rule) => !off.has(rule.id));
    const log = createLogger({ name: "process", level: "silent" });
    const fixed = settings.time === undefined ? undefined : Date.parse(settings.time);
    const clock = fixed === undefined ? systemClock : { now: () => fixed };
    return new ProcessRun(settings, pipelines, createDetector({ rules, deps: { log, clock } }));
  }

  /** Reads until the input or the signal ends. Waits where an output is slower than the input. */
  async pipe(
    input: AsyncIterable<Uint8Array>,
    output: Output,
    alerts: Output | undefined,
    signal: AbortSignal,
  ): Promise<ProcessSummary> {
    const started = performance.now();
    for await (const lines of splitLines(input)) {
      const now = this.#settings.time ?? new Date().toISOString();
      const raised: string[] = [];
      let text = "";
      for (const line of lines) text += this.#line(line, now, raised);
      await output.write(text);
      await alerts?.write(raised.join(""));
      if (signal.aborted) break;
    }
    await output.flush();
    await alerts?.flush();
    this.#summary.seconds = (performance.now() - started) / 1_000;
    return this.#summary;
  }

  /** What went wrong in rules while they ran, a line each. */
  remarks(): string[] {
    return (this.#detector?.stats().rules ?? []).flatMap(
      ({ id, errors, unresolved, disabled, lastError }) => {
        if (errors + unresolved === 0) return [];
        const state = disabled ? " and was switched off" : "";
        return [
          `The rule "${id}" failed for ${errors + unresolved} events${state}: ${lastError ?? "unknown"}`,
        ];
      },
    );
  }

  #line(line: Line, now: string, raised: string[]): string {
    this.#summary.lines++;
    const outcome = this.#pipelines.process(this.#log(line, now));
    if (outcome.kind === "dropped") {
      this.#summary.dropped++;
      return "";
    }
    const event = line.flaw === undefined ? outcome.event : withError(outcome.event, line.flaw);
    this.#summary.events++;
    if (event.errors) this.#summary.flawed++;
    for (const alert of this.#detector?.processEvent(event) ?? []) {
      this.#summary.alerts = (this.#summary.alerts ?? 0) + 1;
      raised.push(`${JSON.stringify(alert)}\n`);
    }
    return `${JSON.stringify(event)}\n`;
  }

  #log(line: Line, now: string): Log {
    const { type, source, tenant } = this.#settings;
    const log = {
      id: hash("sha256", `${source}\n${line.offset}\n${line.raw}`).slice(0, 32),
      dataType: type,
      dataSource: source,
      "@timestamp": now,
      raw: line.raw,
    };
    return tenant === undefined ? log : { ...log, tenantId: tenant };
  }
}

const withError = (event: Event, flaw: string): Event => ({
  ...event,
  errors: [flaw, ...(event.errors ?? [])],
});

function noPipeline(type: string, known: readonly string[]): string {
  const list = known.length > 0 ? `There are pipelines for ${known.slice(0, 40).join(", ")}.` : "";
  const cure = didYouMean(type, known) ?? list;
  return `warning: no pipeline is for the data type "${type}", so its lines stay as they are. ${cure}`.trim();
}

/** Rules that the pipeline files switch off, for everyone or for the tenant. */
function disabledRules(
  { disabledRules: off, tenants }: PipelinePlan,
  tenantId: string = defaultTenant.id,
): Set<string> {
  const own = tenants.filter(({ id }) => id === tenantId).flatMap((tenant) => tenant.disabledRules);
  return new Set([...off, ...own]);
}
