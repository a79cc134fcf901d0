import { resolve } from "node:path";
import type { Batch } from "@vedette/core/batch";
import { connectionKind, HostedPlugin, ProcessTransport, readSpec } from "@vedette/core/plugins/icon";
import type { Counter, Telemetry } from "@vedette/core/telemetry";
import {
  type Alert,
  type AnyPlugin,
  type Deps,
  type Egress,
  isVedetteError,
  type ListEntry,
  messageOf,
  VedetteError,
} from "@vedette/sdk";
import { pause } from "../bounded/index.ts";
import type { RespondConfig } from "../config/index.ts";
import type { Connections, ConnectionUse, IconPlugin } from "../connections/index.ts";
import { type ControlDatabase, type SecretBox, type SecretStore, secretStore } from "../control/index.ts";
import {
  type ActingPlugin,
  Actions,
  guardedIconActions,
  type HostedActions,
  httpRunner,
  iconRunner,
  joinRunners,
  killable,
  knownActions,
  managedRunner,
} from "./actions/index.ts";
import { QuestionAnswers } from "./answers/index.ts";
import type { Value } from "./expression/index.ts";
import { JobStore, JobWorker } from "./jobs/index.ts";
import { type StoredWorkflow, WorkflowCatalog, type WorkflowChange } from "./library/index.ts";
import type { Incident, TellOfQuestion } from "./notify/index.ts";
import { EventStarts, plain, signed, startsOn, startsOnIncident, triggersOf } from "./triggers.ts";
import { parseCron, type Schedule, type Workflow } from "./workflow/index.ts";

export interface RespondDeps extends Deps {
  readonly baseDir: string;
  readonly plugins: readonly AnyPlugin[];
  /** InsightConnect plugins that are there. */
  readonly icons: readonly IconPlugin[];
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  readonly redact: (text: string) => string;
  readonly egress: Egress;
  readonly telemetry: Telemetry;
  readonly connections: Connections;
  readonly tell: TellOfQuestion;
  /** Incidents that changed lately. */
  readonly incidents: () => Promise<readonly Incident[]>;
  /** Whether no other collector can have the control database. */
  readonly alone: boolean;
  /** Addresses that actions never touch because this collector depends on them. */
  readonly protect?: () => Promise<readonly ListEntry[]>;
}

/** What starts a job by hand. */
export interface ManualStart {
  readonly input?: Value | undefined;
  readonly parameters?: Readonly<Record<string, Value>> | undefined;
  readonly dry?: boolean | undefined;
  readonly by: string;
}

const incidentsMs = 5_000;

/** The workflows of a collector, and the jobs that run them. */
export class Respond {
  readonly jobs: JobStore;
  /** What may be done outside, with its guards. */
  readonly actions: Actions;
  /** Answers to questions from where they were asked. */
  readonly answers: QuestionAnswers;
  readonly #worker: JobWorker;
  readonly #deps: RespondDeps;
  readonly #refused: Counter;
  readonly #ending = new AbortController();
  readonly #secrets: SecretStore;
  /** The workflows, of files and of the control database. */
  readonly catalog: WorkflowCatalog;
  #onEvents: EventStarts;
  #due: Due[];
  #schedules: Promise<void> = Promise.resolve();
  #incidents: Promise<void> = Promise.resolve();

  constructor(config: RespondConfig, deps: RespondDeps) {
    const { database, egress, clock, log, connections, tell } = deps;
    this.#deps = deps;
    const { baseDir, plugins, icons } = deps;
    const actions = knownActions(
      plugins,
      icons.map(({ spec }) => spec),
    );
    const paths = config.workflows.map((path) => resolve(baseDir, path));
    this.catalog = new WorkflowCatalog({ database, clock, paths, known: { actions } });
    this.#onEvents = new EventStarts(this.workflows.values());
    this.#due = this.#schedulesOf(this.workflows);
    this.#secrets = secretStore(database, deps.box, clock);
    this.jobs = new JobStore(database, clock, config.jobs.maxOpen);
    this.answers = new QuestionAnswers({
      ...{ database, clock, log, jobs: this.jobs, secrets: this.#secrets },
      channels: config.questions.answers,
    });
    this.#refused = deps.telemetry.counter(
      "vedette_jobs_refused_total",
      "Jobs of workflows that were not made because too many wait, or what starts them is too large.",
    );
    connections.addUses(async () => [...this.workflows.values()].flatMap(usesOf));
    const lease = (by: string) => connections.lease(by);
    const { telemetry, redact, alone, protect } = deps;
    const hosted = hostedOf(config, deps);
    this.actions = new Actions(config.actions, {
      ...{ database, clock, log, telemetry, redact, alone },
      more: guardedIconActions(
        hosted.map(([each]) => each),
        new Map(hosted),
        lease,
        clock,
      ),
      ...(protect && { protect }),
    });
    this.#worker = new JobWorker({
      ...{ database, box: deps.box, redact: deps.redact, store: this.jobs, tell, clock, log },
      ...{ alone: deps.alone, concurrency: config.jobs.concurrency, keepDays: config.jobs.keepDays },
      guards: killable(this.actions),
      actions: joinRunners([
        httpRunner(egress),
        managedRunner(this.actions),
        iconRunner(
          hosted.map(([each]) => each),
          lease,
        ),
      ]),
    });
  }

  get workflows(): ReadonlyMap<string, Workflow> {
    return this.catalog.current;
  }

  /**
   * Reads the files of workflows again. Gives what takes them over, jobs under way keep theirs; throws a ConfigError where one
   * is wrong.
   */
  prepareReload(): () => void {
    const take = this.catalog.prepareFiles();
    return () => {
      take();
      this.#changed();
    };
  }

  /** Keeps a workflow, and lets it be started from now on where it is active. Throws as the catalog does. */
  async putWorkflow(change: WorkflowChange): Promise<StoredWorkflow> {
    const stored = await this.catalog.put(change);
    this.#changed();
    return stored;
  }

  /** False where there is none. */
  async removeWorkflow(id: string, by: string): Promise<boolean> {
    const removed = await this.catalog.remove(id, by);
    this.#changed();
    return removed;
  }

  /** Plugins that run; their actions can be called from now on. */
  attach(plugins: () => readonly ActingPlugin[]): void {
    this.actions.attach(plugins);
  }

  start(): void {
    this.actions.start();
    this.#worker.start();
    this.#schedules = this.#keepTime();
    this.#incidents = this.#watchIncidents();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.#schedules, this.#incidents]);
    await this.#worker.stop();
    await this.actions.stop();
  }

  /**
   * Makes the jobs that newly stored alerts start, each alert once for each workflow. Resolves when they are on disk; throws
   * `control.unavailable`, to be tried again, where they cannot be written.
   */
  async alerted(alerts: readonly Alert[]): Promise<void> {
    await this.actions.alerted(alerts);
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

  /** The same for newly stored events. */
  async stored(batches: readonly Batch[]): Promise<void> {
    for (const { workflow, ...job } of this.#onEvents.of(batches)) await this.#create(workflow, job);
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

  #changed(): void {
    this.#onEvents = new EventStarts(this.workflows.values());
    const before = new Map(this.#due.map((due) => [keyOf(due), due.after]));
    this.#due = this.#schedulesOf(this.workflows).map((due) => ({
      ...{ ...due, after: before.get(keyOf(due)) ?? due.after },
    }));
  }

  /** From now on. */
  #schedulesOf(workflows: ReadonlyMap<string, Workflow>): Due[] {
    const after = this.#deps.clock.now();
    return [...workflows.values()].flatMap((workflow) =>
      triggersOf(workflow, "schedule").map(({ cron }) => ({
        ...{ workflow, cron, schedule: parseCron(cron), after },
      })),
    );
  }

  /** Makes the jobs of schedules. Times while no collector ran are passed over; two collectors make one job. */
  async #keepTime(): Promise<void> {
    const { clock, log } = this.#deps;
    while (!this.#ending.signal.aborted) {
      await this.catalog.refresh().then(
        (changed) => changed && this.#changed(),
        (error: unknown) => log.warn({ error }, "Stored workflows cannot be looked at now, will retry."),
      );
      for (const each of this.#due) {
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
      await pause(1_000, this.#ending.signal);
    }
  }

  /** Makes the jobs that incidents start, each incident once for each workflow. */
  async #watchIncidents(): Promise<void> {
    const { incidents, log } = this.#deps;
    while (!this.#ending.signal.aborted) {
      await pause(incidentsMs, this.#ending.signal);
      const asking = [...this.workflows.values()].filter((each) => triggersOf(each, "incident").length > 0);
      if (asking.length === 0 || this.#ending.signal.aborted) continue;
      try {
        for (const incident of await incidents()) {
          for (const workflow of asking) {
            if (!startsOnIncident(workflow, incident)) continue;
            await this.#create(workflow, {
              ...{ input: plain(incident), startedBy: `incident ${incident.title}` },
              ...{ triggerKey: `${workflow.id}/incident/${incident.id}`, cause: workflow.id },
            });
          }
        }
      } catch (error) {
        log.warn({ error }, "Incidents cannot be looked at now, will retry.");
      }
    }
  }
}

interface Due {
  readonly workflow: Workflow;
  readonly cron: string;
  readonly schedule: Schedule;
  /** The last time that was done. */
  after: number;
}

const keyOf = ({ workflow, cron }: Due): string => `${workflow.id} ${cron}`;

/** Every InsightConnect plugin, with the connections that the configuration has for it. */
/** InsightConnect plugins, and which of their actions guards hold for. */
const hostedOf = ({ plugins }: RespondConfig, { icons, baseDir, log }: RespondDeps) =>
  icons.map(({ spec, command, connections }) => {
    const told = plugins.find(({ path }) => readSpec(resolve(baseDir, path)).spec.file === spec.file);
    const hosted: HostedActions = {
      plugin: new HostedPlugin(spec, new ProcessTransport(command(), log)),
      ...{ connections: told?.connections ?? {}, kind: connections[connectionKind] },
    };
    return [hosted, told?.actions ?? {}] as const;
  });

/** The connections that the steps of a workflow name. */
function usesOf({ id, doc }: Workflow): ConnectionUse[] {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { type, connection } = value as { type?: unknown; connection?: unknown };
    if (type === "action" && typeof connection === "string") names.add(connection);
    for (const each of Object.values(value)) walk(each);
  };
  walk(doc.steps);
  return [...names].map((connection) => ({ connection, by: `the workflow ${id}` }));
}
