import { secretPaths } from "@vedette/sdk";
import { z } from "zod";

/** A field as a spec writes it. */
export type SpecField = Readonly<Record<string, unknown>>;

interface Shape {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

/** The settings of a plugin of ours as fields of a connection. Secrets become passwords; what has parts, objects. */
export function fieldsOfSettings(settings: z.ZodType): Readonly<Record<string, SpecField>> {
  const shape = z.toJSONSchema(settings, { io: "input", unrepresentable: "any", reused: "inline" }) as Shape;
  const secrets = new Set(secretPaths(settings));
  return Object.fromEntries(
    Object.entries(shape.properties ?? {}).map(([name, each]) => {
      const { title = titleOf(name), description = title, default: given, enum: values } = each;
      const field = {
        title,
        description,
        type: secrets.has(name) ? "password" : typeOf(each),
        required: shape.required?.includes(name) ?? false,
        ...(given === undefined || secrets.has(name) ? {} : { default: given, example: given }),
        ...(values === undefined ? {} : { enum: values }),
      };
      return [name, field];
    }),
  );
}

const plain = ["string", "integer", "number", "boolean"];

function typeOf({ type = "object", items }: Shape): string {
  if (plain.includes(type)) return type;
  if (type !== "array") return "object";
  return items?.type !== undefined && plain.includes(items.type) ? `[]${items.type}` : "array";
}

/** `banMinutes` → `Ban Minutes` */
export const titleOf = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
