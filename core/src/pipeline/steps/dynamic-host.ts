import type { JsonObject } from "../paths/index.ts";

/** One call of a parsing plugin. */
export interface DynamicCall {
  readonly plugin: string;
  /** What the step tells the plugin; the same object for every call of a step. */
  readonly params: unknown;
  /** The draft as it is now; nobody changes it until the answer is there. */
  readonly root: JsonObject;
  readonly errors: readonly string[];
}

/** What a plugin made of a draft. */
export interface DynamicAnswer {
  /** The draft as the plugin has it, in the caller's hands from now on. */
  readonly root: JsonObject;
  /** What the plugin added to the errors. */
  readonly errors: readonly string[];
}

/** Who calls parsing plugins. */
export interface DynamicHost {
  /** Rejects with an Error with a sentence where there is no answer that can be used. */
  parse(call: DynamicCall): Promise<DynamicAnswer>;
}
