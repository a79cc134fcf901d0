import type { JsonSchema } from "../schema/builtin.ts";
import { compileComponent } from "../schema/compile.ts";
import { componentsOf, type IconComponent, type IconSpec, sectionOf } from "../spec/model.ts";

/** The description of a plugin's server in Swagger 2.0, which has a place for `#/definitions/…`. */
export function swaggerOf(spec: IconSpec): JsonSchema {
  const definitions = new Map<string, unknown>();
  /** Takes the definitions out, to where references find them: of one spec, one name means one thing. */
  const schemaOf = (component: IconComponent, part: "input" | "output"): JsonSchema => {
    const { definitions: own, ...schema } = compileComponent(spec, component, part);
    for (const [name, each] of Object.entries((own ?? {}) as JsonSchema)) definitions.set(name, each);
    return schema;
  };
  const paths: [string, unknown][] = [];
  for (const component of componentsOf(spec)) {
    const { kind, id, title, description } = component;
    const input = schemaOf(component, "input");
    const output = schemaOf(component, "output");
    const path = `/${sectionOf(kind)}/${id}`;
    const operation = (summary: string) => ({
      summary,
      description,
      consumes: ["application/json"],
      produces: ["application/json"],
      parameters: [{ name: "message", in: "body", required: true, schema: startSchema(kind, input) }],
      responses: {
        200: { description: "It worked.", schema: eventSchema(kind, output) },
        400: { description: "The message does not fit.", schema: eventSchema(kind, {}) },
        500: { description: "It failed.", schema: eventSchema(kind, {}) },
      },
    });
    if (kind !== "trigger") paths.push([path, { post: operation(title || id) }]);
    paths.push([`${path}/test`, { post: operation(`Test ${title || id}`) }]);
  }
  return {
    swagger: "2.0",
    info: { title: spec.title || spec.name, description: spec.description, version: spec.version || "0.0.0" },
    paths: Object.fromEntries(paths),
    definitions: Object.fromEntries(definitions),
  };
}

const object = (properties: JsonSchema): JsonSchema => ({ type: "object", properties });

const startSchema = (kind: string, input: JsonSchema): JsonSchema =>
  object({
    version: { type: "string", enum: ["v1"] },
    type: { type: "string", enum: [`${kind}_start`] },
    body: object({
      [kind]: { type: "string" },
      meta: { type: "object" },
      input,
      connection: { type: "object" },
    }),
  });

const eventSchema = (kind: string, output: JsonSchema): JsonSchema =>
  object({
    version: { type: "string", enum: ["v1"] },
    type: { type: "string", enum: [`${kind}_event`] },
    body: object({ status: { type: "string", enum: ["ok", "error"] }, log: { type: "string" }, output }),
  });
