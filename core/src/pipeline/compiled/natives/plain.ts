import type { z } from "zod";
import { sanitizeName, splitPath, textOf } from "../../paths/index.ts";
import type { add } from "../../steps/add.ts";
import type { remove } from "../../steps/delete.ts";
import { movedValue, type rename } from "../../steps/rename.ts";
import { quoted } from "../emitter.ts";
import { kinds } from "../layout.ts";
import type { MakeNative } from "./native.ts";

export const nativeAdd: MakeNative<z.infer<typeof add>> = ({ params, function: kind }) => {
  if (kind !== "string" && kind !== "set") return undefined;
  const path = sanitizeName(params.key);
  return {
    paths: [path],
    sure: (emitter) => emitter.layout.place(path).below.length === 0,
    emit: (emitter) => emitter.write(path, quoted(textOf(params.value)), kinds.text),
  };
};

export const nativeDelete: MakeNative<z.infer<typeof remove>> = ({ fields }) => {
  const paths = fields.map(splitPath);
  return {
    paths,
    sure: () => true,
    emit: (emitter, miss) => {
      const parts = paths.map((path) => emitter.remove(path, "found = true;"));
      return `let found = false; ${parts.join(" ")} if (!found) { ${miss} }`;
    },
  };
};

export const nativeRename: MakeNative<z.infer<typeof rename>> = ({ from, to }) => {
  const target = sanitizeName(to);
  const sources = from.map(splitPath);
  return {
    paths: [target, ...sources],
    emit: (emitter, miss) => {
      // A write below a list may fail, and then what follows has not happened.
      const risky = emitter.layout.place(target).below.length > 0;
      const one = (path: readonly string[]): string => {
        const held = emitter.types(path);
        const there = emitter.there(path);
        const read = emitter.read(path);
        const slot = risky ? undefined : emitter.slice(path);
        const stays = path.join("\0") === target.join("\0");
        const take = stays ? "" : emitter.remove(path, "");
        const other = (held & kinds.other) !== 0;
        const value = other ? `typeof v === "object" ? ${emitter.ref(movedValue)}(v) : v` : "v";
        const types = (held & (kinds.text | kinds.number | kinds.boolean)) | (other ? kinds.text : 0);
        const write = emitter.maybe(() => emitter.write(target, value, types));
        if (!slot) return `v = ${read}; if (v !== undefined) { found = true; ${take} ${write} }`;
        const [from, to] = [`${slot.name}a`, `${slot.name}b`];
        const move = stays ? "" : emitter.maybe(() => emitter.writeSlice(target, from, to));
        return `v = ${there}; if (v !== undefined) { found = true; ${take} if (v === slice) { ${move} } else { ${write} } }`;
      };
      const parts = sources.map((path) => (risky ? emitter.maybe(() => one(path)) : one(path)));
      return `let found = false, v; ${parts.join(" ")} if (!found) { ${miss} }`;
    },
  };
};
