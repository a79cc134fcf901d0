import type { JsonObject } from "../paths/index.ts";

/** What a step says of its plugin. */
export interface DynamicCall {
  readonly plugin: string;
  /** What the plugin is told; the same object for every call of a step. */
  readonly params: unknown;
}

/** A draft as it is now; nobody changes it until the answer is there. */
export interface SentDraft {
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
  /** Answers for every draft, in their order: an Error with a sentence where there is none that can be used. Never rejects. */
  parse(call: DynamicCall, drafts: readonly SentDraft[]): Promise<readonly (DynamicAnswer | Error)[]>;
}
