import { quoted } from "./emitter.ts";
import { given, type Layout, type Slot } from "./layout.ts";

const isProto = ({ path }: Slot): boolean => path.includes("__proto__");

const logFields: Readonly<Record<string, string>> = {
  id: "log.id",
  dataType: "dataType",
  dataSource: "log.dataSource",
  "@timestamp": "log.timestamp",
  tenantId: "tenant",
  raw: "log.raw",
};

/** What a field that every draft begins with is, before a step changes it. */
export const givenSource = (name: string): string => logFields[name]!;

/** The value of a slot anywhere in a program. */
export const slotValue = ({ name, sliced }: Slot): string => (sliced ? `${name}r()` : name);

/**
 * Source of `draft()`: the row as the interpreter would have it here. `withRaw` is false where nothing that gets the
 * draft looks at the line, `withNames` is true where a log may name fields itself.
 */
export function emitDraft(layout: Layout, withRaw: boolean, withNames: boolean): string {
  const fields = [...given].map((name) => {
    const slot = layout.whole.get(name);
    const value = (slot && slotValue(slot)) ?? (name === "raw" && !withRaw ? '""' : givenSource(name));
    return `${quoted(name)}: ${value}`;
  });
  const lines = [`const root = { ${fields.join(", ")} };`];
  for (const [name, slot] of layout.whole) {
    if (given.has(name) || isProto(slot)) continue;
    lines.push(`if (${slot.name} !== undefined) root[${quoted(name)}] = ${slotValue(slot)};`);
  }
  for (const [first, fields] of layout.split) {
    if (first === "__proto__") continue;
    const start = lines.length;
    lines.push(`let p${first === "log" && withNames ? " = names.object()" : ""};`);
    for (const [second, slot] of fields) {
      if (isProto(slot)) continue;
      lines.push(`if (${slot.name} !== undefined) (p ??= {})[${quoted(second)}] = ${slotValue(slot)};`);
    }
    const there = layout.presence.get(first);
    if (there) lines.push(`if (${there}) p ??= {};`);
    lines.push(`if (p !== undefined) root[${quoted(first)}] = p;`);
    lines.splice(start, 0, "{");
    lines.push("}");
  }
  return `function draft() { ${lines.join("\n")} return { root, errors: (errors ??= []), dropped: false, rounds }; }`;
}

const fieldCases = (fields: ReadonlyMap<string, Slot>): string =>
  [...fields]
    .filter(([, slot]) => !isProto(slot))
    .map(([second, slot]) => `case ${quoted(second)}: ${slot.name} = value; break;`)
    .join(" ");

/**
 * Source of `scatter(root)`: takes the row back from a draft that a step has changed. False where the draft holds what
 * slots cannot, such as a field that no step names; then the interpreter goes on with it, and the slots mean nothing.
 */
export function emitScatter(layout: Layout): string {
  const lines = ["names.clear(B);"];
  for (const slot of layout.slots) lines.push(`${slot.name} = undefined;`);
  for (const there of layout.presence.values()) lines.push(`${there} = false;`);
  const cases = [...layout.whole]
    .filter(([, slot]) => !isProto(slot))
    .map(([name, slot]) => `case ${quoted(name)}: ${slot.name} = item; break;`);
  for (const name of given) {
    if (layout.whole.has(name)) continue;
    lines.push(`if (root[${quoted(name)}] !== ${givenSource(name)}) return false;`);
    cases.push(`case ${quoted(name)}: break;`);
  }
  for (const [first, fields] of layout.split) {
    if (first === "__proto__") continue;
    const other = first === "log" ? "names.keep(key, value);" : "return false;";
    cases.push(`case ${quoted(first)}: {
      if (typeof item !== "object" || item === null || Array.isArray(item)) return false;
      ${layout.presence.has(first) ? `${layout.presence.get(first)} = true;` : ""}
      for (const key in item) {
        const value = item[key];
        if (value === undefined) continue;
        switch (key) { ${fieldCases(fields)} default: ${other} }
      }
      break;
    }`);
  }
  return `function scatter(root) { ${lines.join(" ")}
    for (const name in root) {
      const item = root[name];
      if (item === undefined) continue;
      switch (name) { ${cases.join("\n")} default: return false; }
    }
    return true; }`;
}
