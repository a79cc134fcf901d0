import { didYouMean } from "../../../config/index.ts";
import type { Findings } from "../findings.ts";
import { readFields } from "./fields.ts";
import type { ComponentKind, IconComponent, IconComponents } from "./model.ts";
import { type SpecEntry, type SpecMap, textOfNode } from "./tree.ts";

const kinds = { actions: "action", triggers: "trigger", tasks: "task" } as const;
const keys = ["title", "description", "input", "output", "state", "schedule", "action_type"];

/** Reads the actions, triggers or tasks of a spec. */
export function readComponents(
  section: SpecMap,
  name: "actions" | "triggers" | "tasks",
  known: ReadonlyMap<string, SpecEntry>,
  findings: Findings,
): IconComponents {
  const components = new Map<string, IconComponent>();
  for (const [id, entry] of section.entries) {
    const path = `${name}.${id}`;
    if (entry.value.kind === "map") components.set(id, component(kinds[name], id, entry.value, path));
    else
      findings.add(
        "spec.shape",
        entry.place,
        path,
        `This is a map of title, input and so on; it is left out.`,
      );
  }
  return components;

  function component(kind: ComponentKind, id: string, source: SpecMap, path: string): IconComponent {
    for (const [key, { place }] of source.entries) {
      if (keys.includes(key)) continue;
      findings.add(
        "spec.unknown_key",
        place,
        `${path}.${key}`,
        `Unknown key "${key}".`,
        didYouMean(key, keys),
      );
    }
    const fields = (key: string) => {
      const node = source.entries.get(key)?.value;
      return node ? readFields(node, `${path}.${key}`, known, findings) : new Map();
    };
    const place = section.entries.get(id)?.place ?? section.place;
    return {
      kind,
      id,
      place,
      path,
      title: textOfNode(source.entries.get("title")?.value) ?? "",
      description: textOfNode(source.entries.get("description")?.value) ?? "",
      input: fields("input"),
      output: fields("output"),
      state: fields("state"),
      source,
    };
  }
}
