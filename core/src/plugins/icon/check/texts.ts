import type { Findings, Place } from "../findings.ts";
import { type SpecNode, textOfNode } from "../spec/tree.ts";
import { descriptionFault, smallAcronyms } from "./words.ts";

/** The form of the description at a path. */
export function checkDescription(text: string, place: Place, path: string, findings: Findings): void {
  const fault = descriptionFault(text);
  const at = path === "" ? "description" : `${path}.description`;
  if (fault) findings.add("description.form", place, at, `The description should be different: ${fault}.`);
}

/** What holds for every text of a spec: it is ASCII, and abbreviations in titles and descriptions are in capitals. */
export function checkTexts(node: SpecNode, findings: Findings, path = ""): void {
  if (node.kind === "list") {
    for (const [index, item] of node.items.entries()) checkTexts(item, findings, `${path}[${index}]`);
    return;
  }
  if (node.kind === "map") {
    for (const [key, { value }] of node.entries) {
      const below = path === "" ? key : `${path}.${key}`;
      checkTexts(value, findings, below);
      const text = key === "title" || key === "description" ? textOfNode(value) : undefined;
      for (const word of smallAcronyms(text ?? ""))
        findings.add("text.acronym", value.place, below, `"${word}" is written ${word.toUpperCase()}.`);
    }
    return;
  }
  const text = textOfNode(node) ?? "";
  const beyond = Array.from(text).find((char) => char > "\u007f");
  if (beyond !== undefined) findings.add("text.ascii", node.place, path, `It has the character "${beyond}".`);
}
