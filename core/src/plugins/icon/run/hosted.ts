import { compileComponent, compileConnection, type SchemaPart } from "../schema/compile.ts";
import { emptyRequired } from "../schema/required.ts";
import { type Validate, validatorOf } from "../schema/validate.ts";
import { type IconComponent, type IconSpec, sectionOf } from "../spec/model.ts";
import type { JsonMap, StepEvent, StepStart } from "./envelope.ts";
import { canSucceedLater, detailOf, hostError, IconError } from "./failure.ts";
import type { CallOptions, IconTransport } from "./transport.ts";

/** What a step gave. */
export interface StepResult {
  readonly output: unknown;
  readonly log: string;
  /** Of a task: the new cursor. */
  readonly state: JsonMap | undefined;
  readonly hasMorePages: boolean;
  readonly statusCode: number | undefined;
}

/** A task's page that failed by its own word. */
export class TaskError extends IconError {
  readonly statusCode: number | undefined;

  constructor(event: StepEvent) {
    const detail = detailOf(event.error, event.exception);
    super("plugin.failed", detail, canSucceedLater(detail, event.statusCode), { log: event.log });
    this.name = "TaskError";
    this.statusCode = event.statusCode;
  }
}

/** A plugin as its spec describes it, reached through a transport; what goes in and what comes out is checked. */
export class HostedPlugin {
  readonly spec: IconSpec;
  readonly transport: IconTransport;
  readonly #validators = new Map<string, Validate>();

  constructor(spec: IconSpec, transport: IconTransport) {
    this.spec = spec;
    this.transport = transport;
  }

  /**
   * Runs an action, or one page of a task. Throws an `IconError`: `plugin.bad_input` before anything runs,
   * `plugin.bad_output` for an answer that does not fit, `plugin.failed` in the plugin's own words, `plugin.timed_out`.
   */
  async run(start: StepStart, options: CallOptions): Promise<StepResult> {
    const component = this.component(start);
    this.checkStart(component, start);
    const event = await this.transport.run(start, options);
    if (!event.ok) throw new TaskError(event);
    this.checkOutput(component, event);
    const { output, log, state, hasMorePages, statusCode } = event;
    return { output: output ?? {}, log, state, hasMorePages, statusCode };
  }

  /** Tests the connection through a component. Nothing is checked in test mode but the connection itself. */
  async test(start: StepStart, options: CallOptions): Promise<StepResult> {
    this.component(start);
    this.#checkConnection(start);
    const event = await this.transport.test(start, options);
    if (!event.ok) throw new TaskError(event);
    const { output, log, state, hasMorePages, statusCode } = event;
    return { output: output ?? {}, log, state, hasMorePages, statusCode };
  }

  /** The component that a step is of. Throws `plugin.bad_input`. */
  component({ kind, id }: Pick<StepStart, "kind" | "id">): IconComponent {
    const component = this.spec[sectionOf(kind)].get(id);
    if (!component) throw hostError("plugin.bad_input", `There is no ${kind} "${id.slice(0, 80)}".`);
    return component;
  }

  /** What goes in. Throws `plugin.bad_input` with a sentence for each fault. */
  checkStart(component: IconComponent, start: StepStart): void {
    this.#checkConnection(start);
    const faults = this.#validator(component, "input")(start.input);
    const empty = emptyRequired(component.input, start.input);
    refuse("plugin.bad_input", `The input of ${component.kind} ${component.id} does not fit`, [
      ...faults,
      ...empty,
    ]);
    if (component.kind === "task")
      refuse(
        "plugin.bad_input",
        `The state of task ${component.id} does not fit`,
        this.#validator(component, "state")(start.state ?? {}),
      );
  }

  /** What came out. Throws `plugin.bad_output`. */
  checkOutput(component: IconComponent, { output, log }: Pick<StepEvent, "output" | "log">): void {
    const faults = this.#validator(component, "output")(output ?? {});
    refuse("plugin.bad_output", `The output of ${component.kind} ${component.id} does not fit`, faults, log);
  }

  #checkConnection({ connection }: StepStart): void {
    let validate = this.#validators.get("connection");
    if (!validate) {
      validate = validatorOf(compileConnection(this.spec));
      this.#validators.set("connection", validate);
    }
    const empty = emptyRequired(this.spec.connection ?? new Map(), connection);
    refuse("plugin.bad_input", "The connection does not fit", [...validate(connection), ...empty]);
  }

  #validator(component: IconComponent, part: SchemaPart): Validate {
    const key = `${component.path}/${part}`;
    let validate = this.#validators.get(key);
    if (!validate) {
      validate = validatorOf(compileComponent(this.spec, component, part));
      this.#validators.set(key, validate);
    }
    return validate;
  }
}

function refuse(
  code: "plugin.bad_input" | "plugin.bad_output",
  what: string,
  faults: readonly string[],
  log = "",
): void {
  if (faults.length > 0) throw hostError(code, `${what}: ${faults.join(" ")}`, { log });
}
