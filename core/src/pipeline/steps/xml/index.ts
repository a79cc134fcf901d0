import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { JsonObject } from "../../paths/index.ts";
import { compileSource, type RunStep, readSourceText } from "../step.ts";
import { where } from "../where.ts";
import { logOf, putKey } from "../write-log.ts";
import { parseXml } from "./tree.ts";

/** Parses an XML document and puts it under `log.`, beginning with its root element. */
export const xml = z
  .strictObject({
    source: z.string().describe("Path of the text to parse, such as `raw`."),
    where,
  })
  .describe(
    'Parses an XML document and puts it under `log.`, beginning with its root element. An element that holds only text is this text. Any other is an object: attributes and elements by their names without namespace, its text as `text`. Elements of one name become a list. `<Data Name="x">` of a Windows event is written as `x` in its parent, and `EventID` is always text, its attribute `EventIDQualifiers`. A document type is refused and no entity is expanded.',
  );

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Older Windows sources give their EventID an attribute; the number stays where rules look for it. */
function evenWindows(document: JsonObject): void {
  const system = isObject(document.Event) ? document.Event.System : undefined;
  if (!isObject(system) || !isObject(system.EventID)) return;
  const { text, Qualifiers } = system.EventID;
  if (typeof text !== "string") return;
  system.EventID = text;
  if (Qualifiers !== undefined) system.EventIDQualifiers = Qualifiers;
}

export function compileXml({ source }: z.infer<typeof xml>): RunStep {
  const path = compileSource(source, ["source"]);
  return ({ root }) => {
    const text = readSourceText(root, path);
    let document: JsonObject;
    try {
      document = parseXml(text);
    } catch (error) {
      throw new Error(`"${path.text}" is no XML that can be read: ${messageOf(error)}.`, { cause: error });
    }
    evenWindows(document);
    const log = logOf(root);
    for (const key in document) putKey(log, key, document[key]);
    return undefined;
  };
}
