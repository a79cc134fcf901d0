import type { IconComponent, IconField, IconFields, IconSpec } from "../spec/model.ts";
import type { IconType } from "../spec/types.ts";
import { definitionOf, inlineSchema, type JsonSchema } from "./builtin.ts";

/** The part of a component that a schema is wanted of. */
export type SchemaPart = "input" | "output" | "state";

/** The JSON Schema of a component's part, as the vendor's generator writes it. No fields give `{}`. */
export function compileComponent(spec: IconSpec, component: IconComponent, part: SchemaPart): JsonSchema {
  const fields = component[part];
  const [only] = fields.values();
  // A task gives its list itself, not a map with a list in it.
  if (component.kind === "task" && part === "output" && fields.size === 1 && only?.type.kind === "list")
    return bareList(spec, only);
  return compileFields(spec, fields);
}

/** The JSON Schema of the connection; `{}` where there is none. */
export const compileConnection = (spec: IconSpec): JsonSchema =>
  compileFields(spec, spec.connection ?? new Map());

function compileFields(spec: IconSpec, fields: IconFields): JsonSchema {
  if (fields.size === 0) return {};
  const definitions = new Definitions(spec);
  const sorted = [...fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const properties = Object.fromEntries(sorted.map((field) => [field.name, definitions.property(field)]));
  return {
    type: "object",
    title: "Variables",
    properties,
    ...required(fields),
    definitions: definitions.all(),
  };
}

function bareList(spec: IconSpec, field: IconField): JsonSchema {
  const definitions = new Definitions(spec);
  const { order: _order, ...list } = definitions.property(field);
  return { ...list, ...(field.required ? { required: [field.name] } : {}), definitions: definitions.all() };
}

const required = (fields: IconFields): JsonSchema => {
  const names = [...fields.values()].filter((field) => field.required).map(({ name }) => name);
  return names.length > 0 ? { required: names.sort((a, b) => (a < b ? -1 : 1)) } : {};
};

/** The pointer to a definition; names that are no plain words are escaped, as a pointer in a URI asks. */
const reference = (name: string): string =>
  `#/definitions/${encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))}`;

/** Collects the definitions that a schema refers to, each once, however they refer to each other. */
class Definitions {
  readonly #spec: IconSpec;
  readonly #made = new Map<string, JsonSchema>();
  /** Types that are referred to and not made yet: a chain of types must not become a chain of calls. */
  readonly #wanted: string[] = [];

  constructor(spec: IconSpec) {
    this.#spec = spec;
  }

  /** Call it last: what it gives, properties have asked for. */
  all(): JsonSchema {
    for (let name = this.#wanted.shift(); name !== undefined; name = this.#wanted.shift()) {
      const fields: IconFields = this.#spec.types.get(name) ?? new Map();
      const properties = [...fields.values()].map((field) => [field.name, this.property(field)] as const);
      const object = { type: "object", title: name, properties: Object.fromEntries(properties) };
      this.#made.set(name, { ...object, ...required(fields) });
    }
    return Object.fromEntries(this.#made);
  }

  property(field: IconField): Readonly<Record<string, unknown>> {
    const { title, description, default: given, enum: values, placeholder, tooltip, order } = field;
    const texts = { title, description, default: given, enum: values, placeholder, tooltip };
    return {
      ...this.#type(field.type),
      ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)),
      order,
    };
  }

  #type(type: IconType): JsonSchema {
    if (type.kind === "unknown") return {};
    if (type.kind === "list") return { type: "array", items: this.#type(type.of) };
    const schema = type.kind === "builtin" ? inlineSchema(type.name) : undefined;
    if (schema) return schema;
    if (!this.#made.has(type.name)) {
      this.#made.set(type.name, type.kind === "builtin" ? definitionOf(type.name) : {});
      if (type.kind === "custom") this.#wanted.push(type.name);
    }
    return { $ref: reference(type.name) };
  }
}
