import { type AnyConnectionType, secretPaths, VedetteError } from "@vedette/sdk";
import { z } from "zod";

/** A kind of connection of a plugin. */
export interface ConnectionKind {
  readonly plugin: string;
  /** Its name among those of the plugin. */
  readonly kind: string;
  readonly type: AnyConnectionType;
  /** Where its secrets are. */
  readonly secrets: readonly string[];
}

/** What a kind needs, for pages and tools. */
export interface DescribedKind {
  readonly plugin: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of what a client sends. Hints are below `vedette` of a field: `secret`, `credential`, `multiline`, `setting`. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Paths of secrets; `*` stands for any key or place in a list. */
  readonly secrets: readonly string[];
  readonly testable: boolean;
}

interface WithConnections {
  readonly id: string;
  readonly connections?: Readonly<Record<string, AnyConnectionType>>;
}

/** The kinds of connections of all plugins. */
export class ConnectionKinds {
  readonly #plugins: () => Iterable<WithConnections>;
  /** What was made of a type, so that looking it up costs nothing the second time. */
  readonly #known = new WeakMap<AnyConnectionType, ConnectionKind>();

  /** The plugins are asked for at every use: they come and go. */
  constructor(plugins: () => Iterable<WithConnections>) {
    this.#plugins = plugins;
  }

  all(): ConnectionKind[] {
    return [...this.#plugins()].flatMap(({ id, connections = {} }) =>
      Object.entries(connections).map(([kind, type]) => this.#kind(id, kind, type)),
    );
  }

  find(plugin: string, kind: string): ConnectionKind | undefined {
    return this.all().find((each) => each.plugin === plugin && each.kind === kind);
  }

  /** Throws `connection.unknown`, which names what there is. */
  require(plugin: string, kind: string): ConnectionKind {
    const found = this.find(plugin, kind);
    if (found) return found;
    const there = this.all().map((each) => `${each.plugin}/${each.kind}`);
    throw new VedetteError(
      "connection.unknown",
      `There is no kind of connection ${plugin}/${kind}. ${there.length === 0 ? "No plugin has any." : `There are: ${there.join(", ")}.`}`,
      { verdict: "drop" },
    );
  }

  /** The kind that a plugin declared with this very type. */
  ofType(type: AnyConnectionType): ConnectionKind | undefined {
    return this.all().find((each) => each.type === type);
  }

  #kind(plugin: string, kind: string, type: AnyConnectionType): ConnectionKind {
    const known = this.#known.get(type);
    if (known?.plugin === plugin && known.kind === kind) return known;
    const made = { plugin, kind, type, secrets: secretPaths(type.settings) };
    this.#known.set(type, made);
    return made;
  }
}

export const describeKind = ({ plugin, kind, type, secrets }: ConnectionKind): DescribedKind => ({
  ...{ plugin, kind, title: type.title, description: type.description ?? "", secrets },
  schema: z.toJSONSchema(type.settings, { io: "input", unrepresentable: "any" }),
  testable: type.test !== undefined,
});
