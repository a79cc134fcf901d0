import type { Expression } from "../expression/index.ts";
import type { TextPattern } from "../pattern/index.ts";
import type { Input } from "../template/index.ts";
import type { TriggerDoc, WorkflowDoc } from "./schema.ts";

/** The id of the step that follows; undefined at the end of its scope. */
export type Target = string | undefined;

/** Steps that run one after another by their targets: a workflow, the inside of a loop, a branch of a parallel step. */
export interface Scope {
  readonly start: Target;
  readonly steps: ReadonlyMap<string, Step>;
}

export interface Retry {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export interface Step {
  readonly id: string;
  readonly next: Target;
  readonly onError: Target;
  readonly continueOnFailure: boolean;
  readonly disabled: boolean;
  readonly body: StepBody;
}

export interface Branch {
  readonly name: string;
  readonly target: Target;
}

export type StepBody =
  | {
      readonly kind: "action";
      readonly action: string;
      readonly connection: string | undefined;
      readonly input: Input;
      readonly target: Input | undefined;
      readonly windowMs: number | undefined;
      readonly idempotent: boolean | undefined;
      readonly timeoutMs: number;
      readonly retry: Retry | undefined;
    }
  | { readonly kind: "artifact"; readonly content: Input }
  | {
      readonly kind: "decision";
      readonly branches: readonly (Branch & { readonly condition: Expression })[];
      readonly otherwise: Branch | undefined;
    }
  | {
      /** Human decisions and approvals alike. */
      readonly kind: "ask";
      readonly question: Input;
      readonly options: readonly (Branch & { readonly confirmation: string | undefined })[];
      readonly timeoutMs: number;
      /** What follows silence; undefined where the step fails then. */
      readonly silence: { readonly answer: string | undefined; readonly target: Target } | undefined;
      readonly approval: boolean;
      readonly notify: readonly string[];
      readonly chat: Input | undefined;
    }
  | {
      readonly kind: "loop";
      readonly over: Input | undefined;
      readonly times: Input | undefined;
      readonly delayMs: number;
      readonly scope: Scope;
      readonly outputs: readonly LoopOutput[];
    }
  | { readonly kind: "break"; readonly condition: Expression }
  | { readonly kind: "filter"; readonly condition: Expression; readonly stopOnMatch: boolean }
  | { readonly kind: "join"; readonly variables: readonly JoinVariable[] }
  | { readonly kind: "patternMatch"; readonly text: Input; readonly pattern: TextPattern }
  | {
      readonly kind: "lookup";
      readonly artifact: string;
      readonly condition: Expression;
      readonly most: number;
    }
  | { readonly kind: "append"; readonly artifact: string; readonly row: Input }
  | {
      readonly kind: "parallel";
      readonly branches: readonly { readonly name: string; readonly scope: Scope }[];
    }
  | { readonly kind: "workflow"; readonly workflow: string; readonly input: Input }
  | { readonly kind: "set"; readonly values: Input }
  | { readonly kind: "sleep"; readonly seconds: Input };

export interface LoopOutput {
  readonly name: string;
  readonly type: "array" | "count" | "last";
  readonly value: Input | undefined;
  readonly condition: Expression | undefined;
}

export interface JoinVariable {
  readonly name: string;
  readonly values: readonly { readonly from: string; readonly value: Input }[];
  readonly otherwise: Input | undefined;
}

/** A workflow that can run: one graph, whether it was written in YAML or imported. */
export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly snippet: boolean;
  readonly timeSavedSeconds: number;
  readonly parameters: NonNullable<WorkflowDoc["parameters"]>;
  readonly triggers: readonly TriggerDoc[];
  /** Name of what it was started with. */
  readonly trigger: string;
  readonly limits: WorkflowDoc["limits"];
  readonly scope: Scope;
  /** As written, for showing and storing. */
  readonly doc: WorkflowDoc;
}
