import type {
  ActionDefinition,
  ActionRequest,
  ActionResult,
  AnyPlugin,
  PluginContext,
  Standing,
  UndoRequest,
} from "@vedette/sdk";
import { unavailable } from "./outcome.ts";

/** An action that can be asked for, wherever it comes from. */
export interface Action {
  /** `plugin/name`. */
  readonly id: string;
  readonly source: "plugin" | "builtin" | "icon";
  readonly definition: ActionDefinition;
  /** Texts by language: those of the plugin's locale. */
  readonly texts: Readonly<Record<"en" | "de", Readonly<Record<string, string>>>>;
  /** Why it cannot be done now; undefined where it can. */
  absence(): string | undefined;
  validate(request: ActionRequest): Promise<void>;
  execute(request: ActionRequest): Promise<ActionResult>;
  /** Undefined where it cannot be undone. */
  readonly undo: ((request: UndoRequest) => Promise<ActionResult>) | undefined;
  /** The real state; undefined where the backend cannot say. */
  readonly list: (() => Promise<readonly Standing[]>) | undefined;
}

/** A plugin that runs, as actions need it. */
export interface ActingPlugin {
  readonly plugin: AnyPlugin;
  readonly enabled: boolean;
  /** Calls one of its actions with a context and the definition's deadline; rejects with what it threw. */
  act<T>(definition: ActionDefinition, work: (context: PluginContext<unknown>) => T | Promise<T>): Promise<T>;
}

/** Entries of the real state that are read. */
const mostStanding = 100_000;

/** The actions of a collector by their ids and aliases. */
export class ActionRegistry {
  readonly #builtin: readonly Action[];
  #plugins: () => readonly ActingPlugin[] = () => [];

  constructor(builtin: readonly Action[]) {
    this.#builtin = builtin;
  }

  /** From now on plugins have their actions here too. */
  attach(plugins: () => readonly ActingPlugin[]): void {
    this.#plugins = plugins;
  }

  list(): Action[] {
    const own = this.#plugins().flatMap((entry) =>
      (entry.plugin.action?.actions ?? []).map((definition) => pluginAction(entry, definition)),
    );
    return [...this.#builtin, ...own];
  }

  /** By its id, or by an alias of it. */
  find(id: string): Action | undefined {
    const [owner = "", name = ""] = id.split("/");
    const builtin = this.#builtin.find((each) => each.id === id);
    if (builtin) return builtin;
    const entry = this.#plugins().find(({ plugin }) => plugin.id === owner);
    const definition = entry?.plugin.action?.actions.find(
      (each) => each.name === name || each.aliases?.includes(name),
    );
    return entry && definition && pluginAction(entry, definition);
  }
}

function pluginAction(entry: ActingPlugin, definition: ActionDefinition): Action {
  const { plugin } = entry;
  const capability = plugin.action!;
  const { undo, list } = capability;
  const absence = (): string | undefined =>
    entry.enabled ? undefined : `The plugin ${plugin.id} is switched off.`;
  const call = <T>(work: (context: PluginContext<unknown>) => T | Promise<T>): Promise<T> => {
    const absent = absence();
    return absent === undefined ? entry.act(definition, work) : Promise.reject(unavailable(absent));
  };
  return {
    ...{
      id: `${plugin.id}/${definition.name}`,
      source: "plugin",
      definition,
      texts: plugin.locales,
      absence,
    },
    validate: async (request) => {
      if (capability.validate) await call((context) => capability.validate!(request, context));
    },
    execute: (request) => call((context) => capability.execute(request, context)),
    undo: undo && ((request) => call((context) => undo.call(capability, request, context))),
    list:
      list &&
      (() =>
        call(async (context) => {
          const found: Standing[] = [];
          for await (const each of await list.call(capability, definition.name, context)) {
            found.push(each);
            if (found.length >= mostStanding) break;
          }
          return found;
        })),
  };
}
