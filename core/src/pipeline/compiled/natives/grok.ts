import type { z } from "zod";
import { checkLength, hasPairs, type Joined, MAX_NATIVE_TEXT } from "../../regex/index.ts";
import { type Cutter, compileCutter, type grok, trimmed } from "../../steps/grok.ts";
import { MAX_SOURCE, sourceText } from "../../steps/step.ts";
import { type Emitter, quoted } from "../emitter.ts";
import { kinds } from "../layout.ts";
import type { MakeNative } from "./native.ts";
import { writeScan } from "./scan.ts";

/** Statements that put the matched texts into slots, up to the first part that the text did not reach. */
function assign(
  emitter: Emitter,
  parts: Cutter["parts"],
  value: (index: number) => string,
  text = `${emitter.ref(trimmed)}(v)`,
): string {
  const lines = parts.flatMap(({ target }, index) => {
    if (!target) return [];
    const write = emitter.maybe(() => emitter.write(target.segments, text, kinds.text));
    return [`v = ${value(index)}; if (v === undefined) break cut; ${write}`];
  });
  return `cut: { ${lines.join(" ")} }`;
}

function inTurn(emitter: Emitter, cutter: Cutter, miss: string): string {
  const values = `const m = ${emitter.ref(cutter.inTurn)}(t);`;
  return `${values} if (m === undefined) { ${miss} } else ${assign(emitter, cutter.parts, (index) => `m[${index}]`)}`;
}

function atOnce(emitter: Emitter, cutter: Cutter, joined: Joined, miss: string): string {
  const { regex, groups, nonEmpty, maxText } = joined;
  const long = `if (t.length > ${maxText}) ${emitter.ref(checkLength)}(t, ${maxText});`;
  const missed = ["m === null", ...nonEmpty.map((group) => `m[${group}] === ""`)].join(" || ");
  const values = assign(emitter, cutter.parts, (index) => `m[${groups[index]}]`);
  return `${long} const m = ${emitter.ref(regex)}.exec(t); if (${missed}) { ${miss} } else ${values}`;
}

/** The scan, and the expression where that gave up: it knows whether the text matches at all. */
function scanFirst(emitter: Emitter, cutter: Cutter, scan: string, regex: string): string {
  const values = cutter.parts.flatMap(({ target }, index) => (target ? [`m${index}`] : []));
  const held = values.length > 0 ? `let ${values.join(", ")};` : "";
  const found = assign(emitter, cutter.parts, (index) => `m${index}`, "v");
  return `let scanned = false; ${held} if (!pairs && t.length <= ${MAX_NATIVE_TEXT}) scan: { ${scan} } if (scanned) ${found} else { ${regex} }`;
}

export const nativeGrok: MakeNative<z.infer<typeof grok>> = (options, context) => {
  const cutter = compileCutter(options, context);
  const { path, joined, parts } = cutter;
  if (path.query) return undefined;
  const targets = parts.flatMap(({ target }) => (target ? [target.segments] : []));
  return {
    paths: [path.segments, ...targets],
    emit: (emitter, miss) => {
      const trim = emitter.ref(trimmed);
      const text = `let v = ${emitter.read(path.segments)}; if (typeof v !== "string" || v.length > ${MAX_SOURCE}) v = ${emitter.ref(sourceText)}(v, ${quoted(path.text)}); const t = ${trim}(v);`;
      const turn = inTurn(emitter, cutter, miss);
      const once = joined && atOnce(emitter, cutter, joined, miss);
      const regex = !once ? turn : joined.basicPlaneOnly ? `if (pairs) { ${turn} } else { ${once} }` : once;
      const scan = joined && writeScan(emitter, cutter);
      const pairs = scan || joined?.basicPlaneOnly ? `const pairs = ${emitter.ref(hasPairs)}(t);` : "";
      const cut = scan ? scanFirst(emitter, cutter, scan, regex) : regex;
      return `${text} if (t === "") { ${miss} } else { ${pairs} ${cut} }`;
    },
  };
};
