import { didYouMean, nearest } from "../../../config/index.ts";
import type { Findings } from "../findings.ts";
import type { IconField, IconFields } from "./model.ts";
import { plain, type SpecEntry, type SpecMap, type SpecNode, textOfNode } from "./tree.ts";
import { builtinNames, type IconType, innermost, readType } from "./types.ts";

/** What a field may say. */
const properties = [
  "title",
  "type",
  "description",
  "required",
  "default",
  "enum",
  "order",
  "example",
  "placeholder",
  "tooltip",
  "excludeProduct",
  "persist_state",
] as const;

export type FieldProperty = (typeof properties)[number];

/** Names of custom types. */
type Known = ReadonlyMap<string, SpecEntry>;

/** Reads a map of fields. What is no field is told and left out. */
export function readFields(node: SpecNode, path: string, known: Known, findings: Findings): IconFields {
  const fields = new Map<string, IconField>();
  if (node.kind === "scalar" && node.value === null) return fields;
  if (node.kind !== "map") {
    findings.add("spec.shape", node.place, path, "Fields are a map of names; this is left out.");
    return fields;
  }
  for (const [name, entry] of node.entries) {
    const at = `${path}.${name}`;
    if (entry.value.kind === "map")
      fields.set(name, readField(name, entry.place, entry.value, at, fields.size + 1, known, findings));
    else
      findings.add(
        "spec.shape",
        entry.place,
        at,
        "A field is a map of title, type and so on; this is left out.",
      );
  }
  return fields;
}

function readField(
  name: string,
  place: IconField["place"],
  source: SpecMap,
  path: string,
  position: number,
  known: Known,
  findings: Findings,
): IconField {
  const read = meantEntries(source, path, findings);
  const value = (key: FieldProperty): SpecNode | undefined => read.get(key)?.value;
  const text = (key: FieldProperty): string | undefined => textOfNode(value(key));
  const enumeration = value("enum");
  const order = value("order");
  const given = value("default");
  const example = value("example");
  const optional = {
    title: text("title"),
    description: text("description"),
    placeholder: text("placeholder"),
    tooltip: text("tooltip"),
    default: given && plain(given),
    enum: enumeration?.kind === "list" ? enumeration.items.map(plain) : undefined,
    example: example && plain(example),
  };
  const required = value("required");
  return {
    name,
    place,
    path,
    type: typeOf(read.get("type"), place, path, known, findings),
    required: required?.kind === "scalar" && required.value === true,
    order: order?.kind === "scalar" && Number.isInteger(order.value) ? Number(order.value) : position,
    ...Object.fromEntries(Object.entries(optional).filter(([, each]) => each !== undefined)),
    source,
  };
}

/** The entries by the names that the format knows; a misspelt one stands for what it nearly is called. */
function meantEntries(source: SpecMap, path: string, findings: Findings): ReadonlyMap<string, SpecEntry> {
  const meant = new Map<string, SpecEntry>();
  for (const [key, entry] of source.entries) if (isProperty(key)) meant.set(key, entry);
  for (const [key, entry] of source.entries) {
    if (isProperty(key)) continue;
    const close = nearest(key, properties);
    const used = close !== undefined && !meant.has(close);
    const message = `Unknown property "${key}"${used ? `, taken for "${close}"` : ", left out"}.`;
    findings.add(
      "field.unknown_property",
      entry.place,
      `${path}.${key}`,
      message,
      didYouMean(key, properties),
    );
    if (used) meant.set(close, entry);
  }
  return meant;
}

const isProperty = (key: string): boolean => (properties as readonly string[]).includes(key);

function typeOf(
  entry: SpecEntry | undefined,
  place: IconField["place"],
  path: string,
  known: Known,
  findings: Findings,
): IconType {
  const text = textOfNode(entry?.value)?.trim();
  if (text === undefined) {
    findings.add("type.missing", entry?.value.place ?? place, path, "It has no type; any value is taken.");
    return { kind: "unknown", name: "" };
  }
  const type = readType(text, known);
  const inner = innermost(type);
  if (inner.kind === "unknown") {
    const message = `There is no type "${inner.name}"; any value is taken.`;
    const suggestion = didYouMean(inner.name, [...known.keys(), ...builtinNames]);
    findings.add("type.unknown", entry!.value.place, `${path}.type`, message, suggestion);
  }
  return type;
}
