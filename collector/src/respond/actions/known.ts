import type { IconSpec } from "@vedette/core/plugins/icon";
import type { AnyPlugin } from "@vedette/sdk";
import { builtinActions } from "./builtin.ts";

/** Names of the actions of plugins in process, `plugin/action`, with what each action is also called. */
const ownActions = (plugin: AnyPlugin): string[] =>
  (plugin.action?.actions ?? []).flatMap(({ name, aliases = [] }) =>
    [name, ...aliases].map((each) => `${plugin.id}/${each}`),
  );

/** Every action that a workflow may call: those built in, of plugins in process, and of InsightConnect plugins. */
export const knownActions = (plugins: readonly AnyPlugin[], specs: readonly IconSpec[]): Set<string> =>
  new Set([
    ...builtinActions,
    ...plugins.flatMap(ownActions),
    ...specs.flatMap(({ name, actions }) => [...actions.keys()].map((action) => `${name}/${action}`)),
  ]);
