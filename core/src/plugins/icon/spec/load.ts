import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@vedette/sdk";
import { ConfigError } from "../../../config/index.ts";
import { Findings, type IconProblem } from "../findings.ts";
import { readComponents } from "./components.ts";
import { readFields } from "./fields.ts";
import { specLimits } from "./limits.ts";
import type { IconFields, IconSpec } from "./model.ts";
import { parseTree } from "./parse.ts";
import { type SpecEntry, type SpecMap, textOfNode } from "./tree.ts";

/** A spec as far as it could be read, and what was odd about it. */
export interface LoadedSpec {
  readonly spec: IconSpec;
  readonly problems: readonly IconProblem[];
}

/** The name that a spec has in its plugin's folder. */
export const specFileName = "plugin.spec.yaml";

/** Reads a spec, or that of a plugin's folder. Throws a `ConfigError` (`config.unreadable`) and nothing else. */
export function readSpec(path: string): LoadedSpec {
  const { file, text } = readSpecText(path);
  return parseSpec(text, file);
}

/** The text of a spec, or of that in a plugin's folder. Throws a `ConfigError` (`config.unreadable`). */
export function readSpecText(path: string): { readonly file: string; readonly text: string } {
  let file = path;
  try {
    if (statSync(path).isDirectory()) file = join(path, specFileName);
    const { size } = statSync(file);
    if (size > specLimits.bytes) throw new Error(`it has ${size} bytes, the limit is ${specLimits.bytes}`);
    return { file, text: readFileSync(file, "utf8") };
  } catch (error) {
    throw ConfigError.unreadable(file, messageOf(error), error);
  }
}

/** Reads the text of a spec; `file` is what messages call it. Never throws. */
export function parseSpec(text: string, file: string): LoadedSpec {
  const findings = new Findings(file);
  const spec = buildSpec(text, findings);
  return { spec, problems: findings.sorted() };
}

/** The same for a caller that has more to find. */
export function buildSpec(text: string, findings: Findings): IconSpec {
  const tree = parseTree(text, findings) ?? nothing;
  const custom = section(tree, "types", findings);
  const known = custom ? custom.entries : new Map<string, SpecEntry>();
  const types = new Map<string, IconFields>();
  for (const [name, { value }] of known) types.set(name, readFields(value, `types.${name}`, known, findings));
  const connection = section(tree, "connection", findings);
  const components = (name: "actions" | "triggers" | "tasks") => {
    const found = section(tree, name, findings);
    return found ? readComponents(found, name, known, findings) : new Map();
  };
  return {
    file: findings.file,
    name: textAt(tree, "name"),
    title: textAt(tree, "title"),
    description: textAt(tree, "description"),
    version: textAt(tree, "version"),
    vendor: textAt(tree, "vendor"),
    connection: connection && readFields(connection, "connection", known, findings),
    actions: components("actions"),
    triggers: components("triggers"),
    tasks: components("tasks"),
    types,
    source: tree,
  };
}

const nothing: SpecMap = { kind: "map", place: { line: 1, column: 1 }, entries: new Map() };

const textAt = (tree: SpecMap, key: string): string => textOfNode(tree.entries.get(key)?.value) ?? "";

/** A section that is a map; one that is left empty counts as not there. */
function section(tree: SpecMap, key: string, findings: Findings): SpecMap | undefined {
  const entry = tree.entries.get(key);
  if (!entry) return undefined;
  const { value } = entry;
  if (value.kind === "map") return value;
  if (value.kind === "scalar" && value.value === null) return undefined;
  findings.add("spec.shape", value.place, key, `"${key}" is a map; it is left out.`);
  return undefined;
}
