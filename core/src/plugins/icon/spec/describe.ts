import type { StepStart } from "../run/envelope.ts";
import { sampleOf } from "../schema/sample.ts";
import type { IconComponent, IconSpec } from "./model.ts";

/** What a plugin is and has, for people. */
export function infoOf(spec: IconSpec): string {
  const lines = [
    `${spec.title || spec.name} ${spec.version}, by ${spec.vendor || "nobody"}`,
    spec.description,
    "",
  ];
  for (const [name, components] of [
    ["Actions", spec.actions],
    ["Triggers", spec.triggers],
    ["Tasks", spec.tasks],
  ] as const) {
    if (components.size === 0) continue;
    lines.push(`${name}:`, ...[...components.values()].map(line), "");
  }
  if (spec.connection) lines.push(`Connection: ${[...spec.connection.keys()].join(", ")}`);
  return `${lines.join("\n").trimEnd()}\n`;
}

const line = ({ id, title, description }: IconComponent): string => `  ${id}  ${description || title}`;

/** A start message that fits the schemas, from examples and defaults. */
export const sampleStart = (spec: IconSpec, { kind, id, input, state }: IconComponent): StepStart => ({
  kind,
  id,
  input: sampleOf(spec, input),
  connection: sampleOf(spec, spec.connection ?? new Map()),
  ...(kind === "task" ? { state: sampleOf(spec, state) } : {}),
  ...(kind === "trigger" ? { dispatcher: { url: "http://localhost:8000", webhook_url: "" } } : {}),
});
