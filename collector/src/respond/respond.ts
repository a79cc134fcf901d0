import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Batch } from "@vedette/core/batch";
import { ConfigError } from "@vedette/core/config";
import { type CelProgram, CelRuntimeError, compileCel, docOf } from "@vedette/core/pipeline";
import { commandOf, HostedPlugin, ProcessTransport, readSpec } from "@vedette/core/plugins/icon";
import type { Counter, Telemetry } from "@vedette/core/telemetry";
import {
  type Alert,
  type AnyPlugin,
  type Deps,
  type Egress,
  type Event,
  isVedetteError,
  type Logger,
  messageOf,
  VedetteError,
} from "@vedette/sdk";
import type { RespondConfig } from "../config/index.ts";
import { type ControlDatabase, type SecretBox, type SecretStore, secretStore } from "../control/index.ts";
import {
  criticalRefused,
  type HostedActions,
  httpRunner,
  iconRunner,
  joinRunners,
  knownActions,
} from "./actions/index.ts";
import type { Value } from "./expression/index.ts";
import { JobStore, JobWorker } from "./jobs/index.ts";
import { loadWorkflows } from "./library/index.ts";
import { fits, plain, signed, startsOn, triggersOf } from "./triggers.ts";
import { parseCron, type Workflow } from "./workflow/index.ts";

export interface RespondDeps extends Deps {
  readonly baseDir: string;
  readonly plugins: readonly AnyPlugin[];
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  readonly redact: (text: string) => string;
  readonly egress: Egress;
  readonly telemetry: Telemetry;
  /** Whether no other collector can have the control database. */
  readonly alone: boolean;
}

/** What starts a job by hand. */
export interface ManualStart {
  readonly input?: Value | undefined;
  readonly parameters?: Readonly<Record<string, Value>> | undefined;
  readonly dry?: boolean | undefined;
  readonly by: string;
}

/** The workflows of a collector, and the jobs that run them. */
export class Respond {
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly jobs: JobStore;
  readonly #worker: JobWorker;
  readonly #deps: RespondDeps;
  readonly #refused: Counter;
  readonly #ending = new AbortController();
  readonly #secrets: SecretStore;
  readonly #onEvents: readonly {
    readonly workflow: Workflow;
    readonly dataTypes: readonly string[] | undefined;
    readonly program: CelProgram;
  }[];
  #schedules: Promise<void> = Promise.resolve();

  constructor(config: RespondConfig, deps: RespondDeps) {
    const { baseDir, plugins, database, egress, clock, log } = deps;
    const hosted = hostedOf(config, baseDir, log);
    const paths = config.workflows.map((path) => resolve(baseDir, path));
    const actions = knownActions(
      plugins,
      hosted.map(({ plugin }) => plugin.spec),
    );
    const { workflows, problems } = loadWorkflows(paths, { actions });
    const wrong = problems.filter(({ severity }) => severity !== "warning");
    if (wrong.length > 0) throw new ConfigError(wrong);
    this.workflows = new Map(workflows.map(({ workflow }) => [workflow.id, workflow]));
    this.#deps = deps;
    this.#secrets = secretStore(database, deps.box, clock);
    this.#onEvents = [...this.workflows.values()].flatMap((workflow) =>
      triggersOf(workflow, "event").map(({ dataTypes, where }) => ({
        ...{ workflow, dataTypes, program: compileCel(where) },
      })),
    );
    this.jobs = new JobStore(database, clock, config.jobs.maxOpen);
    this.#refused = deps.telemetry.counter(
      "vedette_jobs_refused_total",
      "Jobs of workflows that were not made because too many wait, or what starts them is too large.",
    );
    this.#worker = new JobWorker({
      ...{
        database,
        box: deps.box,
        redact: deps.redact,
        store: this.jobs,
        guards: criticalRefused,
        clock,
        log,
      },
      ...{ alone: deps.alone, concurrency: config.jobs.concurrency, keepDays: config.jobs.keepDays },
      actions: joinRunners([httpRunner(egress), iconRunner(hosted)]),
    });
  }

  start(): void {
    this.#worker.start();
    this.#schedules = this.#keepTime();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#schedules;
    await this.#worker.stop();
  }

  /**
   * Makes the jobs that newly stored alerts start, each alert once for each workflow. Resolves when they are on disk; throws
   * `control.unavailable`, to be tried again, where they cannot be written.
   */
  async alerted(alerts: readonly Alert[]): Promise<void> {
    for (const workflow of this.workflows.values()) {
      for (const alert of alerts) {
        if (!startsOn(workflow, alert)) continue;
        await this.#create(workflow, {
          ...{ input: plain(alert), startedBy: `alert ${alert.name ?? ""}`.trim() },
          ...{
            triggerKey: `${workflow.id}/alert/${alert.id ?? ""}`,
            cause: alert.ruleId || alert.name || workflow.id,
          },
        });
      }
    }
  }

  /** The same for newly stored events. Costs nothing where no workflow asks for events. */
  async stored(batches: readonly Batch[]): Promise<void> {
    for (const { workflow, dataTypes, program } of this.#onEvents) {
      for (const batch of batches) {
        const { dataType } = batch.header;
        if (dataTypes && !dataTypes.some((pattern) => fits(pattern, dataType))) continue;
        for (const event of eventsFor(program, batch)) {
          await this.#create(workflow, {
            ...{ input: plain(event), startedBy: `event ${dataType}` },
            triggerKey: `${workflow.id}/event/${event.id ?? ""}`,
          });
        }
      }
    }
  }

  /**
   * Starts a workflow by a web hook; undefined where it has none, or the signature is not of this body. Throws `job.refused`
   * for a body that is no JSON.
   */
  async hooked(id: string, body: Uint8Array, signature: string | undefined): Promise<string | undefined> {
    const workflow = this.workflows.get(id);
    for (const { secret } of workflow ? triggersOf(workflow, "webhook") : []) {
      const key = await this.#secrets.get(secret);
      if (key === undefined || !signed(key, body, signature)) continue;
      let input: Value;
      try {
        input = JSON.parse(Buffer.from(body).toString("utf8")) as Value;
      } catch (cause) {
        throw new VedetteError("job.refused", "The body is no JSON.", { verdict: "drop" }, { cause });
      }
      return this.run(id, { input, by: "webhook" });
    }
    return undefined;
  }

  /** Starts a workflow because somebody asked. Throws `job.unknown` and `job.refused`. */
  async run(id: string, { input = {}, parameters = {}, dry = false, by }: ManualStart): Promise<string> {
    const workflow = this.workflows.get(id);
    if (!workflow)
      throw new VedetteError("job.unknown", `There is no workflow ${JSON.stringify(id.slice(0, 100))}.`, {
        verdict: "drop",
      });
    const others = this.#othersOf(workflow);
    return (await this.jobs.create({ workflow, others, input, parameters, dry, startedBy: by })).id;
  }

  async #create(
    workflow: Workflow,
    job: {
      readonly input: Value;
      readonly startedBy: string;
      readonly triggerKey: string;
      readonly cause?: string;
    },
  ): Promise<void> {
    try {
      await this.jobs.create({ workflow, others: this.#othersOf(workflow), ...job });
    } catch (error) {
      if (isVedetteError(error) && error.code === "job.refused") {
        this.#refused.add(1);
        this.#deps.log.warn({ workflow: workflow.id, reason: error.message }, "A job was not made.");
        return;
      }
      throw new VedetteError(
        "control.unavailable",
        `A job of the workflow ${workflow.id} cannot be written: ${messageOf(error)}`,
        { verdict: "retry" },
        { cause: error },
      );
    }
  }

  /** The workflows that one runs, and those that they run. */
  #othersOf(workflow: Workflow): Workflow[] {
    const found = new Map<string, Workflow>();
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      const { type, workflow: id } = value as { type?: unknown; workflow?: unknown };
      const other = type === "workflow" && typeof id === "string" ? this.workflows.get(id) : undefined;
      if (other && !found.has(other.id)) {
        found.set(other.id, other);
        walk(other.doc.steps);
      }
      for (const each of Object.values(value)) walk(each);
    };
    walk(workflow.doc.steps);
    return [...found.values()];
  }

  /** Makes the jobs of schedules. Times while no collector ran are passed over; two collectors make one job. */
  async #keepTime(): Promise<void> {
    const { clock, log } = this.#deps;
    const due = [...this.workflows.values()].flatMap((workflow) =>
      triggersOf(workflow, "schedule").map(({ cron }) => ({
        workflow,
        schedule: parseCron(cron),
        after: clock.now(),
      })),
    );
    while (due.length > 0 && !this.#ending.signal.aborted) {
      for (const each of due) {
        const at = each.schedule.after(each.after);
        if (at === undefined || at > clock.now()) continue;
        const triggerKey = `${each.workflow.id}/schedule/${at}`;
        const input = { at: new Date(at).toISOString() };
        try {
          await this.#create(each.workflow, { input, startedBy: "schedule", triggerKey });
          each.after = at;
        } catch (error) {
          log.warn({ workflow: each.workflow.id, error }, "A scheduled job cannot be made now, will retry.");
        }
      }
      await setTimeout(1_000, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }
}

function hostedOf({ plugins }: RespondConfig, baseDir: string, log: Logger): HostedActions[] {
  return plugins.map(({ path, connections }) => {
    const { spec } = readSpec(resolve(baseDir, path));
    return { plugin: new HostedPlugin(spec, new ProcessTransport(commandOf(spec), log)), connections };
  });
}

/** The events of a batch for which a filter holds; a fault of the filter counts as no. */
function eventsFor(program: CelProgram, batch: Batch): Event[] {
  const found: Event[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const event = batch.event(row);
    try {
      if (program.test(docOf(event))) found.push(event);
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
    }
  }
  return found;
}
