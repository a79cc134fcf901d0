import {
  compileComponent,
  compileConnection,
  findComponent,
  type JsonSchema,
  readSpec,
  type SchemaPart,
} from "@vedette/core/plugins/icon";
import { UsageError } from "../exit.ts";

const parts: readonly string[] = ["input", "output", "state"] satisfies SchemaPart[];

/** The JSON Schema of a part of a plugin. Throws a `UsageError` that names what there is. */
export function schemaOf(path: string, name: string, part = "input"): JsonSchema {
  const { spec } = readSpec(path);
  if (name === "connection" || part === "connection") return compileConnection(spec);
  // Both orders are natural: `schema . input lookup` is meant as well.
  if (parts.includes(name) && !parts.includes(part)) return schemaOf(path, part, name);
  if (!parts.includes(part)) throw new UsageError(`"${part}" is not input, output, state or connection.`);
  const found = findComponent(spec, name);
  if ("why" in found) throw new UsageError(found.why);
  return compileComponent(spec, found.component, part as SchemaPart);
}
