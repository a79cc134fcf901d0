import type { z } from "zod";
import { compilePath, type JsonObject, sanitizeValue } from "../../paths/index.ts";
import { type json, objectOf } from "../../steps/json.ts";
import { quoted } from "../emitter.ts";
import { FlatJson } from "../flat-json.ts";
import type { LogNames } from "../log-names.ts";
import type { MakeNative } from "./native.ts";

/** Takes an object apart into the fields of `log`, as the step does. */
function takeApart(value: object, names: LogNames): void {
  let unnamed = 0;
  let at = 0;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const item = (value as JsonObject)[key];
    const clean = typeof item === "object" && item !== null ? sanitizeValue(item, 2) : item;
    if (names.put(key, clean, at)) at++;
    else unnamed++;
  }
  if (unnamed > 0) throw new Error(`${unnamed} keys have no letter or digit and were left out.`);
}

export const nativeJson: MakeNative<z.infer<typeof json>> = ({ source }) => {
  const path = compilePath(source);
  if (path.query) return undefined;
  return {
    paths: [path.segments],
    names: true,
    emit: (emitter) =>
      emitter.naming(() => {
        const object = `${emitter.ref(objectOf)}(${emitter.read(path.segments)}, ${quoted(path.text)})`;
        const parse = `const o = ${object}; ${emitter.made("log")} ${emitter.ref(takeApart)}(o, names);`;
        const slot = emitter.slice(path.segments);
        if (!slot) return parse;
        const { name } = slot;
        const flat = `${name} === slice && ${emitter.ref(new FlatJson())}.take(names, B, ${name}a, ${name}b)`;
        return `if (${flat}) { ${emitter.made("log")} } else { ${parse} }`;
      }),
  };
};
