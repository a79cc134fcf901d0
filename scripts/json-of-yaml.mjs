import { createRequire } from "node:module";

const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = createRequire(
  new URL("../core/package.json", import.meta.url),
)("yaml");

/** A YAML document as JSON in which everything stands in the line where it stood, so that messages name the same one. */
export function jsonOf(text) {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: "1.2",
    schema: "core",
    uniqueKeys: true,
  });
  if (document.errors.length > 0) throw document.errors[0];
  let line = 1;
  const goTo = (node) => {
    const wanted = node?.range ? lines.linePos(node.range[0]).line : line;
    const down = "\n".repeat(Math.max(0, wanted - line));
    line += down.length;
    return down;
  };
  const print = (node) => {
    const value = isAlias(node) ? node.resolve(document) : node;
    if (isMap(value))
      return `{${value.items.map(({ key, value }) => `${goTo(key)}${JSON.stringify(String(key.value))}:${goTo(value)}${print(value)}`).join(",")}}`;
    if (isSeq(value)) return `[${value.items.map((item) => `${goTo(item)}${print(item)}`).join(",")}]`;
    return JSON.stringify(isScalar(value) ? value.value : null);
  };
  const json = print(document.contents);
  if (JSON.stringify(JSON.parse(json)) !== JSON.stringify(document.toJS()))
    throw new Error(`This YAML has no JSON form: ${text.slice(0, 200)}`);
  return json;
}
