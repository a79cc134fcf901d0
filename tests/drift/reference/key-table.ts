import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** As much of JSON Schema as zod prints. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  /** A schema that stands in `$defs` because it holds itself. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

const code = (value: unknown): string =>
  `\`${typeof value === "string" ? value || '""' : JSON.stringify(value)}\``;

const typeOf = (schema: JsonSchema): string => {
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  if (schema.const !== undefined) return code(schema.const);
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return [...new Set(several.map(typeOf))].join(" or ");
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : typeOf(schema.items)}`;
  if (schema.type === "integer" || schema.type === "number") {
    const { minimum, maximum } = schema;
    const bounded =
      minimum !== undefined && maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER;
    return bounded ? `${schema.type}, ${minimum} to ${maximum}` : schema.type;
  }
  if (schema.type === "object") return "object";
  if (schema.type === "string") return schema.format === "uri" ? "URL" : "text";
  return schema.type === undefined ? "anything" : String(schema.type);
};

interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** One kind of a list's items: what its `type` says, and the keys that not every kind has. */
export interface Kind {
  readonly name: string;
  readonly description: string;
  readonly own: JsonSchema;
}

/** The kinds of items that differ by their `type`; empty where a schema has no such choice. */
export const kindsOf = (schema: JsonSchema): Kind[] => {
  const branches = schema.oneOf ?? [];
  if (branches.length < 2) return [];
  return branches.flatMap((branch) => {
    const name = branch.properties?.["type"]?.const;
    if (typeof name !== "string") return [];
    const own = Object.entries(branch.properties ?? {}).filter(
      ([key, child]) =>
        key !== "type" && !branches.every(({ properties }) => isDeepStrictEqual(properties?.[key], child)),
    );
    const description = branch.properties?.["type"]?.description ?? "";
    return [{ name, description, own: { ...branch, properties: Object.fromEntries(own) } }];
  });
};

/** What all kinds have, with every name that `type` may have. */
const commonOf = (schema: JsonSchema, kinds: readonly Kind[]): JsonSchema => {
  const [first] = schema.oneOf ?? [];
  const own = kinds.find(({ name }) => name === first?.properties?.["type"]?.const)?.own.properties ?? {};
  const shared = Object.entries(first?.properties ?? {}).filter(([key]) => !(key in own));
  const type = { enum: kinds.map(({ name }) => name), description: "Kind of input; see below." };
  return { ...first, properties: { ...Object.fromEntries(shared), type } };
};

/** The leaves below a schema, with their dotted paths; `[]` stands for each item of a list. */
const rowsOf = (schema: JsonSchema, path: string, required: boolean): Row[] => {
  const kinds = kindsOf(schema);
  if (kinds.length > 0) return rowsOf(commonOf(schema, kinds), path, required);
  const branches = (schema.anyOf ?? schema.oneOf)?.filter(({ properties }) => properties !== undefined) ?? [];
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, child]) =>
      rowsOf(child, path === "" ? key : `${path}.${key}`, schema.required?.includes(key) ?? false),
    );
  }
  if (branches.length > 0) return branches.flatMap((branch) => rowsOf(branch, path, required));
  if (schema.type === "array" && schema.items !== undefined) {
    const inner = rowsOf(schema.items, `${path}[]`, required);
    if (inner.length > 1) return [{ path, schema, required }, ...inner];
  }
  return [{ path, schema, required }];
};

const cell = ({ schema, required }: Row): string =>
  required ? "required" : schema.default === undefined ? "" : code(schema.default);

/** The keys below a schema as a Markdown table: path, type, default and meaning. */
export const keyTable = (schema: JsonSchema, prefix: string): string[] => [
  "| Key | Type | Default | Meaning |",
  "|---|---|---|---|",
  ...rowsOf(schema, prefix, false).map(
    (row) => `| \`${row.path}\` | ${typeOf(row.schema)} | ${cell(row)} | ${row.schema.description ?? ""} |`,
  ),
];

/** A zod schema as it is written in files. */
export const inputSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
