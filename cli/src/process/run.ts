import { hash } from "node:crypto";
import { builtinPipelines } from "@vedette/agent";
import { builtinRules, createDetector, type Detector, requireRules } from "@vedette/collector";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { createLogger } from "@vedette/core/telemetry";
import { type Event, type Log, systemClock } from "@vedette/sdk";
import { type Line, splitLines } from "./lines.ts";

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

  /** Loads pipelines and rules. Throws a `ConfigError` that names every mistake in them. */
  static async load(settings: ProcessSettings): Promise<ProcessRun> {
    const pipelines = loadPipelines(settings.pipeline.length > 0 ? settings.pipeline : builtinPipelines());
    if (settings.rules.length === 0 && settings.alerts === undefined)
      return new ProcessRun(settings, pipelines, undefined);
    const rules = requireRules(settings.rules.length > 0 ? settings.rules : builtinRules());
    const log = createLogger({ name: "process", level: "warn" });
    const detector = createDetector({
      rules,
      deps: { log, clock: systemClock },
    });
    return new ProcessRun(settings, pipelines, detector);
  }

  /** Reads until the input or the signal ends. Waits where an output is slower than the input. */
  async pipe(
    input: AsyncIterable<Uint8Array>,
    output: NodeJS.WritableStream,
    alerts: NodeJS.WritableStream | undefined,
    signal: AbortSignal,
  ): Promise<ProcessSummary> {
    const started = performance.now();
    const toOutput = writer(output);
    const toAlerts = alerts ? writer(alerts) : undefined;
    for await (const lines of splitLines(input)) {
      const now = this.#settings.time ?? new Date().toISOString();
      const raised: string[] = [];
      let text = "";
      for (const line of lines) text += this.#line(line, now, raised);
      await toOutput(text);
      if (toAlerts) await toAlerts(raised.join(""));
      if (signal.aborted) break;
    }
    this.#summary.seconds = (performance.now() - started) / 1_000;
    return this.#summary;
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

/** Writes and waits while the stream is full. A reader that goes away (`head`) ends the program quietly. */
function writer(stream: NodeJS.WritableStream): (text: string) => Promise<void> | void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  return (text) => {
    if (text === "" || stream.write(text)) return;
    return new Promise((resolve) => stream.once("drain", () => resolve()));
  };
}
