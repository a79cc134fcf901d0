import { type AnyConnectionType, credential, type Deps, defineConnection, messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { Confinement } from "../isolation/index.ts";
import { commandOf } from "./run/command.ts";
import type { JsonMap } from "./run/envelope.ts";
import { hostError } from "./run/failure.ts";
import { HostedPlugin } from "./run/hosted.ts";
import { ProcessTransport } from "./run/process.ts";
import { componentsOf, type IconField, type IconFields, type IconSpec } from "./spec/model.ts";
import type { BuiltinType, IconType } from "./spec/types.ts";

/** The name under which the connection of a spec is stored, and the one kind that it has. */
export const connectionOwner = (spec: Pick<IconSpec, "name">): string => `icon:${spec.name}`;
export const connectionKind = "connection";

const maxText = 65_536;
const maxItems = 1_000;
/** Types inside types; what is deeper is kept as a whole, as a secret. */
const maxDepth = 8;

/**
 * The connection of a plugin as a kind that people make named connections of. Secrets are what the spec says by type:
 * passwords, credentials, bytes, contents of files. Its test is the plugin's own, run as a program that `confine` confines.
 */
export function connectionTypeOf(spec: IconSpec, confine?: () => Confinement): AnyConnectionType {
  return defineConnection({
    title: spec.title || spec.name,
    description: spec.description,
    settings: new Schemas(spec).object(spec.connection ?? new Map(), 0),
    test: async (settings, { log, clock, signal }: Deps) => {
      const [component] = componentsOf(spec);
      if (!component) return { status: "warning", message: "The plugin has nothing to test it with." };
      const plugin = new HostedPlugin(
        spec,
        new ProcessTransport({ ...commandOf(spec), confinement: confine?.() }, log),
      );
      const { kind, id } = component;
      const began = clock.now();
      try {
        await plugin.test({ kind, id, input: {}, connection: settings as JsonMap }, { signal });
        return { status: "healthy", message: `The plugin reached it in ${clock.now() - began} ms.` };
      } catch (error) {
        return { status: "error", message: messageOf(error) };
      }
    },
  });
}

/**
 * Settings of a stored connection as the plugin gets them, with the spec's defaults. Throws `plugin.bad_input`, which names
 * the settings that do not fit and no values.
 */
export function connectionSettings(spec: IconSpec, stored: unknown): JsonMap {
  const parsed = connectionTypeOf(spec).settings.safeParse(stored);
  if (parsed.success) return parsed.data as JsonMap;
  const where = parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
  throw hostError("plugin.bad_input", `The connection does not fit: ${where.join("; ").slice(0, 500)}.`);
}

/** Makes schemas of the fields of a spec. */
class Schemas {
  readonly #spec: IconSpec;
  /** Custom types around the place that is made: one inside itself has no end. */
  readonly #above: string[] = [];

  constructor(spec: IconSpec) {
    this.#spec = spec;
  }

  object(fields: IconFields, depth: number) {
    const shape = [...fields.values()].map((field) => [field.name, this.#field(field, depth)] as const);
    return z.strictObject(Object.fromEntries(shape));
  }

  #field(field: IconField, depth: number): z.ZodType {
    const { title, description, required } = field;
    const plain = this.#type(field.type, depth, field);
    const given = plain.meta() ?? {};
    const titled = plain.meta({ ...given, ...(title && { title }), ...(description && { description }) });
    const fits = field.default !== undefined && plain.safeParse(field.default).success;
    if (fits) return titled.default(field.default as never);
    return required ? titled : titled.optional();
  }

  #type(type: IconType, depth: number, field?: IconField): z.ZodType {
    if (type.kind === "list") return z.array(this.#type(type.of, depth + 1)).max(maxItems);
    if (type.kind === "unknown") return z.unknown();
    if (type.kind === "builtin") return builtin(type.name, field);
    const fields = this.#spec.types.get(type.name);
    if (depth >= maxDepth || !fields || this.#above.includes(type.name))
      return z.unknown().meta({ vedette: { secret: true } });
    this.#above.push(type.name);
    const object = this.object(fields, depth + 1);
    this.#above.pop();
    return object;
  }
}

function builtin(name: BuiltinType, field: IconField | undefined): z.ZodType {
  const choices = (field?.enum ?? []).filter((each): each is string => typeof each === "string");
  switch (name) {
    case "string":
    case "date":
    case "python":
      return choices.length > 0 ? z.enum(choices as [string]) : z.string().max(maxText);
    case "integer":
      return z.int();
    case "number":
      return z.number();
    case "boolean":
      return z.boolean();
    case "object":
      return z.record(z.string(), z.unknown());
    case "array":
      return z.array(z.unknown()).max(maxItems);
    case "bytes":
      return credential.bytes();
    case "password":
      return credential.password();
    case "file":
      return credential.file();
    case "credential_username_password":
      return credential.usernamePassword();
    case "credential_secret_key":
      return credential.secretKey();
    case "credential_token":
      return credential.token();
    case "credential_asymmetric_key":
      return credential.asymmetricKey();
  }
}
