import { compileComponent, compileConnection, parseSpec } from "@vedette/core/plugins/icon";
import type { Target } from "../target.ts";

const seed = `plugin_spec_version: v2
name: fuzz
version: 1.10
connection:
  key: { title: Key, type: credential_secret_key, required: true, example: 2020-01-01 }
actions:
  get: &a
    title: Get
    input:
      id: { <<: &f { type: string }, title: ID, required: yes, enum: [a, 010, 12:30] }
    output: { it: { type: "[][]thing" } }
  other: *a
tasks: { t: { output: { rows: { type: "[]thing", order: 3 } } } }
types:
  thing: { on: { type: thing }, on: { type: nowhere }, file: { type: file } }
`;

/** Longest time for one input, milliseconds, on a busy machine. */
const maxMs = 5_000;

/** What anyone may hand to `vedette plugin check`: it is read, told about and compiled, and never throws. */
export const iconSpec: Target = {
  name: "icon-spec",
  words: [
    ...[
      "actions:",
      "triggers:",
      "types:",
      "connection:",
      "input:",
      "output:",
      "type: ",
      "[]",
      "string",
      "thing",
    ],
    ...[
      "&a ",
      "*a",
      "<<: ",
      "- ",
      "? ",
      ": ",
      "|\n",
      "!!python/object:x ",
      "---\n",
      "{",
      "}",
      "[",
      "]",
      '"',
      "'",
      "#",
    ],
    ...["__proto__", "2020-01-01", "0x1F", "yes", "~", "\t", "\n  ", "\u0000"],
  ],
  seeds: () => [Buffer.from(seed)],
  run(input) {
    const began = performance.now();
    const { spec } = parseSpec(input.toString("utf8"), "fuzz.yaml");
    JSON.stringify(compileConnection(spec));
    for (const component of [...spec.actions.values(), ...spec.tasks.values(), ...spec.triggers.values()])
      for (const part of ["input", "output", "state"] as const)
        JSON.stringify(compileComponent(spec, component, part));
    const ms = performance.now() - began;
    if (ms > maxMs) throw new Error(`It took ${Math.round(ms)} ms.`);
  },
};
