import type { Draft } from "../draft.ts";

/** One call of a parsing plugin. The host changes `draft` as the plugin answers, or throws and leaves it as it was. */
export interface DynamicCall {
  readonly plugin: string;
  readonly params: unknown;
  readonly draft: Draft;
}

/**
 * Who calls parsing plugins. A step calls for one draft and waits; a runner that holds many drafts may instead stop
 * before a step of this kind, send all drafts in one go, and continue behind it: a call needs nothing else.
 */
export interface DynamicHost {
  /** True when the plugin has a socket now. */
  connected(plugin: string): boolean;
  call(call: DynamicCall): void;
}
