import type { PluginContext } from "../context.ts";

/** A parameter of an action, chosen from a few words. Labels are the locale's `<action>.<name>` and `<action>.<name>.<word>`. */
export interface ActionParameter {
  readonly name: string;
  readonly options: readonly string[];
  readonly default: string;
}

/** What can be done to a target. Labels are the locale's `<name>` and `<name>.help`. */
export interface ActionDefinition {
  /** Dot-namespaced, such as `security.ban`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly targets: readonly ("ip" | "cidr" | "host" | "user" | "asset")[];
  /** Harm is possible: needs a confirmation, and of an address that it is public. */
  readonly critical: boolean;
  readonly parameters?: readonly ActionParameter[];
}

export interface ActionRequest {
  /** Stable for this run of the action: a backend that sees it twice does it once. */
  readonly id: string;
  readonly action: string;
  readonly target: { readonly type: string; readonly value: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly reason: string;
}

export interface ActionResult {
  readonly message: string;
  /** What undoing it needs to know. */
  readonly undo?: Readonly<Record<string, string>>;
}

/** Does things outside. The collector's guards stand before every call; nothing is called in a dry run. */
export interface ActionCapability<Settings> {
  readonly actions: readonly ActionDefinition[];
  /** Throws to refuse, with a sentence that says why. No side effects: it runs before a dry run too. */
  validate?(request: ActionRequest, context: PluginContext<Settings>): void | Promise<void>;
  execute(request: ActionRequest, context: PluginContext<Settings>): Promise<ActionResult>;
}
