import type { PluginContext } from "../context.ts";
import type { ActionTarget, TargetType } from "../schema/target.ts";

/**
 * A parameter of an action: one of a few words, or a text of one line. Labels are the locale's `<action>.<name>` and, for words,
 * `<action>.<name>.<word>`.
 */
export interface ActionParameter {
  readonly name: string;
  /** The words it may be; a text where there are none. */
  readonly options?: readonly string[];
  /** Characters of a text; 200 where it says nothing, 2,000 at most. */
  readonly maxLength?: number;
  /** What a text must match as a whole. */
  readonly pattern?: RegExp;
  readonly default: string;
}

/** What can be done to a target. Labels are the locale's `<name>` and `<name>.help`. */
export interface ActionDefinition {
  /** Dot-namespaced, such as `security.ban`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** With `cidr` among them an IPv6 address is acted on as the range around it (/64 unless configured otherwise). */
  readonly targets: readonly TargetType[];
  /** Harm is possible: addresses must be public, the never-touch list, limits, approvals and the kill switch hold. */
  readonly critical: boolean;
  /** Who may ask for it by hand. Default: `operate`. */
  readonly permission?: "operate" | "admin";
  readonly parameters?: readonly ActionParameter[];
  /** It lasts: it is given a time, and taken back by `undo` when that is over. */
  readonly containment?: boolean;
  /** The same request twice, known by its id or by what it does, is one. Then one whose outcome is not known is repeated. */
  readonly idempotent?: boolean;
  /** Longest time of one call; 30 where it says nothing, 300 at most. */
  readonly deadlineSeconds?: number;
}

export interface ActionRequest {
  /** Stable for this run of the action over all attempts: a backend that sees it twice does it once. */
  readonly id: string;
  readonly action: string;
  readonly target: ActionTarget;
  /** Every parameter of the definition, checked. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Who wants it and why, with the id; one line. */
  readonly reason: string;
  /**
   * Of a containment: when it ends, milliseconds since 1970. A backend that can end it by itself should do so then too; `undo` is
   * called in any case.
   */
  readonly expiresAt?: number;
  /** 1 for the first attempt. */
  readonly attempt?: number;
}

export interface ActionResult {
  /** A sentence for people. */
  readonly message: string;
  /** What undoing it needs to know. No secrets: people see it. */
  readonly undo?: Readonly<Record<string, string>>;
}

/** A containment to be taken back. */
export interface UndoRequest {
  /** Id of the request that made it. */
  readonly id: string;
  readonly action: string;
  readonly target: ActionTarget;
  readonly parameters: Readonly<Record<string, string>>;
  /** What `execute` gave for it; empty where its outcome was never known. */
  readonly undo: Readonly<Record<string, string>>;
  readonly reason: string;
}

/** Something that stands at the backend, whoever made it. */
export interface Standing {
  readonly target: ActionTarget;
  /** Id of the request that made it, where the backend keeps it. */
  readonly id?: string;
  /** Milliseconds since 1970, where it ends by itself. */
  readonly expiresAt?: number;
  /** Whoever made it, in the backend's words. */
  readonly origin?: string;
}

/**
 * Does things outside. The collector's guards stand before every call; nothing is called in a dry run. `context.signal` aborts when
 * the deadline is over. What a call throws says what became of it:
 * - `action.refused` (verdict `drop`): surely not done, and another attempt would end alike.
 * - `action.unavailable` (verdict `retry`, `afterMs` where the other side asked for a time): surely not done, try again.
 * - anything else, the deadline included: nobody knows. It is repeated only where the definition is `idempotent`.
 */
export interface ActionCapability<Settings> {
  readonly actions: readonly ActionDefinition[];
  /** Throws to refuse, with a sentence that says why. No side effects: it runs before a dry run too. */
  validate?(request: ActionRequest, context: PluginContext<Settings>): void | Promise<void>;
  execute(request: ActionRequest, context: PluginContext<Settings>): Promise<ActionResult>;
  /**
   * Takes a containment back. Needed where a definition is a `containment`. It is repeated until it succeeds, so it must be harmless
   * twice, and what is not there any more is a success.
   */
  undo?(request: UndoRequest, context: PluginContext<Settings>): Promise<ActionResult>;
  /** All that stands of an action at the backend now, to find what is missing or foreign. At most 100,000 are read. */
  list?(
    action: string,
    context: PluginContext<Settings>,
  ): Iterable<Standing> | AsyncIterable<Standing> | Promise<Iterable<Standing>>;
}
