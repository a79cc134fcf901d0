import type { IconFields } from "../spec/model.ts";

/** Required inputs that are null or empty text, which a schema lets pass: one sentence each. */
export function emptyRequired(fields: IconFields, input: Readonly<Record<string, unknown>>): string[] {
  return [...fields.values()]
    .filter(({ name, required }) => required && (input[name] === null || input[name] === ""))
    .map(({ name }) => `${name} is required and must not be null or empty.`);
}
