import type { Doc } from "@vedette/core/pipeline";
import type { Explanation } from "../condition.ts";
import { valuesAt } from "../explain.ts";
import { compileNode, type Node, type Said } from "./node.ts";

/** Values of a list that are shown; of a longer one the rest is counted. */
const maxShown = 8;

/** Whether each part of a detection holds for an event. */
export function explainNode(node: Node, doc: Doc): Explanation {
  const held = compileNode(node)(doc);
  switch (node.kind) {
    case "leaf":
      return { said: textOf(node.said), held, values: valuesAt([node.leaf.path], doc) };
    case "pair":
      return { said: textOf(node.said), held, values: valuesAt(node.pair.paths, doc) };
    case "not":
      return { said: "not", held, parts: [explainNode(node.part, doc)] };
    default: {
      const said = node.name ?? (node.kind === "and" ? "all of" : "one of");
      return { said, held, parts: node.parts.map((part) => explainNode(part, doc)) };
    }
  }
}

function textOf({ field, modifiers, values }: Said): string {
  const shown = values.slice(0, maxShown).join(" | ");
  const more = values.length > maxShown ? ` | and ${values.length - maxShown} more` : "";
  return `${[field || "keyword", ...modifiers].join("|")}: ${shown}${more}`;
}
