import type { z } from "zod";
import { checkLength, hasPairs, type Joined } from "../../regex/index.ts";
import { type Cutter, compileCutter, type grok, trimmed } from "../../steps/grok.ts";
import { MAX_SOURCE, sourceText } from "../../steps/step.ts";
import { type Emitter, quoted } from "../emitter.ts";
import { kinds } from "../layout.ts";
import type { MakeNative } from "./native.ts";
import { writeScan } from "./scan.ts";

/** Statements that put the matched texts into slots, up to the first part that the text did not reach. */
function assign(emitter: Emitter, parts: Cutter["parts"], value: (index: number) => string): string {
  const lines = parts.flatMap(({ target }, index) => {
    if (!target) return [];
    const write = emitter.maybe(() =>
      emitter.write(target.segments, `${emitter.ref(trimmed)}(v)`, kinds.text),
    );
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

/** The step by expressions, on a JavaScript string. */
function byExpression(emitter: Emitter, cutter: Cutter, miss: string): string {
  const { path, joined } = cutter;
  const read = `let v = ${emitter.read(path.segments)}; if (typeof v !== "string" || v.length > ${MAX_SOURCE}) v = ${emitter.ref(sourceText)}(v, ${quoted(path.text)});`;
  const turn = inTurn(emitter, cutter, miss);
  const once = joined && atOnce(emitter, cutter, joined, miss);
  const cut = !once
    ? turn
    : joined.basicPlaneOnly
      ? `if (${emitter.ref(hasPairs)}(t)) { ${turn} } else { ${once} }`
      : once;
  return `${read} const t = ${emitter.ref(trimmed)}(v); if (t === "") { ${miss} } else { ${cut} }`;
}

export const nativeGrok: MakeNative<z.infer<typeof grok>> = (options, context) => {
  const cutter = compileCutter(options, context);
  const { path, parts } = cutter;
  if (path.query) return undefined;
  const targets = parts.flatMap(({ target }) => (target ? [target.segments] : []));
  return {
    paths: [path.segments, ...targets],
    emit: (emitter, miss) => {
      const source = emitter.slice(path.segments);
      const scan = source && writeScan(emitter, cutter, source);
      const slow = byExpression(emitter, cutter, miss);
      if (!scan) return slow;
      const writes = parts.flatMap(({ target }, index) => {
        if (!target) return [];
        const write = emitter.maybe(() => emitter.writeSlice(target.segments, `m${index}a`, `m${index}b`));
        return [`if (m${index}b >= 0) { ${write} }`];
      });
      return `${scan} if (got === 1) { ${writes.join(" ")} } else if (got === 2) { ${miss} } else ${emitter.outline(slow)};`;
    },
  };
};
