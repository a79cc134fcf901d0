import { describe, expect, it } from "vitest";
import { parseSpec } from "../spec/load.ts";
import { compileComponent, compileConnection } from "./compile.ts";
import { sampleOf } from "./sample.ts";
import { validatorOf } from "./validate.ts";

const { spec } = parseSpec(
  `
connection:
  server: { title: Server, type: string, required: true, default: example.com, example: x }
  login: { title: Login, type: credential_username_password, required: true }
  key: { title: Key, type: credential_secret_key }
  token: { title: Token, type: credential_token }
  pem: { title: Private Key, type: credential_asymmetric_key }
  word: { title: Word, type: password }
actions:
  look:
    title: Look
    input:
      zone: { title: Zone, description: Where, type: string, required: true, enum: [a, b], default: a, order: 7 }
      count: { type: int, placeholder: "10", tooltip: How many }
      when: { type: date, required: false }
      ratio: { type: float, required: "true" }
      raw: { type: bytes }
      code: { type: python }
      upload: { type: file }
      any: { type: array }
      grid: { type: "[][]integer" }
      Big: { type: object, required: true }
    output:
      hosts: { title: Hosts, type: "[]host", required: true }
  none: { title: None }
tasks:
  watch:
    title: Watch
    output:
      logs: { title: Logs, description: All of them, type: "[]host", required: true, example: [] }
  odd:
    output:
      a: { type: string }
      b: { type: "[]string" }
types:
  host:
    name: { title: Name, type: string, required: true }
    addresses: { title: Addresses, type: "[]address" }
    parent: { title: Parent, type: host }
  address: { value: { type: string, required: true }, kind: { type: string, required: true } }
  unused: { x: { type: string } }
`,
  "plugin.spec.yaml",
);
const look = spec.actions.get("look")!;

describe("schemas as the vendor's generator writes them", () => {
  it("an input", () => {
    expect(compileComponent(spec, look, "input")).toEqual({
      type: "object",
      title: "Variables",
      properties: {
        Big: { type: "object", order: 10 },
        any: { type: "array", order: 8 },
        code: { $ref: "#/definitions/python", order: 6 },
        count: { type: "integer", placeholder: "10", tooltip: "How many", order: 2 },
        grid: { type: "array", items: { type: "array", items: { type: "integer" } }, order: 9 },
        ratio: { type: "number", order: 4 },
        raw: { type: "string", format: "bytes", displayType: "bytes", order: 5 },
        upload: { $ref: "#/definitions/file", order: 7 },
        when: { type: "string", format: "date-time", displayType: "date", order: 3 },
        zone: {
          type: "string",
          title: "Zone",
          description: "Where",
          enum: ["a", "b"],
          default: "a",
          order: 7,
        },
      },
      required: ["Big", "zone"],
      definitions: {
        python: { type: "string", format: "python", displayType: "python" },
        file: {
          id: "file",
          type: "object",
          title: "File",
          description: "File Object",
          properties: {
            filename: { type: "string", title: "Filename", description: "Name of file" },
            content: { type: "string", title: "Content", description: "File contents", format: "bytes" },
          },
        },
      },
    });
  });

  it("sorts the properties of a section, and keeps the order of a type", () => {
    expect(Object.keys(compileComponent(spec, look, "input")["properties"] as object).slice(0, 3)).toEqual([
      "Big",
      "any",
      "code",
    ]);
    const { definitions } = compileComponent(spec, look, "output") as {
      definitions: Record<string, { properties: object }>;
    };
    expect(Object.keys(definitions["host"]!.properties)).toEqual(["name", "addresses", "parent"]);
  });

  it("types, those they refer to and those that refer to themselves, each once", () => {
    const host = {
      type: "object",
      title: "host",
      properties: {
        name: { type: "string", title: "Name", order: 1 },
        addresses: { type: "array", title: "Addresses", items: { $ref: "#/definitions/address" }, order: 2 },
        parent: { $ref: "#/definitions/host", title: "Parent", order: 3 },
      },
      required: ["name"],
    };
    const address = {
      type: "object",
      title: "address",
      properties: { value: { type: "string", order: 1 }, kind: { type: "string", order: 2 } },
      required: ["kind", "value"],
    };
    expect(compileComponent(spec, look, "output")).toEqual({
      type: "object",
      title: "Variables",
      properties: {
        hosts: { type: "array", title: "Hosts", items: { $ref: "#/definitions/host" }, order: 1 },
      },
      required: ["hosts"],
      definitions: { host, address },
    });
    expect(compileComponent(spec, spec.tasks.get("watch")!, "output")).toEqual({
      type: "array",
      title: "Logs",
      description: "All of them",
      items: { $ref: "#/definitions/host" },
      required: ["logs"],
      definitions: { host, address },
    });
  });

  it("credentials", () => {
    const { properties, definitions } = compileConnection(spec) as Record<
      string,
      Record<string, Record<string, unknown>>
    >;
    expect(properties?.["login"]).toEqual({
      $ref: "#/definitions/credential_username_password",
      title: "Login",
      order: 2,
    });
    const required = Object.entries(definitions ?? {}).map(([name, each]) => [name, each["required"]]);
    expect(Object.fromEntries(required)).toEqual({
      credential_username_password: ["username", "password"],
      credential_secret_key: ["secretKey"],
      credential_token: ["token"],
      credential_asymmetric_key: ["privateKey"],
      password: undefined,
    });
  });

  it("nothing for no fields, and a map for a task with several", () => {
    expect(compileComponent(spec, spec.actions.get("none")!, "input")).toEqual({});
    expect(compileComponent(spec, spec.tasks.get("watch")!, "state")).toEqual({});
    expect(compileComponent(spec, spec.tasks.get("odd")!, "output")["type"]).toBe("object");
    expect(compileConnection(parseSpec("name: x", "s").spec)).toEqual({});
  });
});

describe("what schemas let through", () => {
  const input = validatorOf(compileComponent(spec, look, "input"));
  const output = validatorOf(compileComponent(spec, look, "output"));

  it("says what is wrong, where, and never what was written", () => {
    expect(input({ zone: "a", Big: {}, count: 3, more: 1, when: "no time at all" })).toEqual([]);
    expect(input({ zone: "secret", count: 1.5, grid: [[1], ["x"]] })).toEqual([
      "Big is missing.",
      "count is not a whole number.",
      "grid.1.0 is not a whole number.",
      'zone is not one of "a", "b".',
    ]);
    expect(output({ hosts: [{ name: "a", parent: { parent: { name: "b" } } }] })).toEqual([
      "hosts.0.parent.name is missing.",
    ]);
    expect(input([])).toEqual(["It is not a map."]);
    expect(input(null)).toEqual(["It is not a map."]);
  });

  it("lets samples through, also where an example lacks what its type asks for", () => {
    const { spec: odd } = parseSpec(
      "connection: { a: { type: credential_token, required: true, example: {} }, b: { type: file, example: { filename: 1 } } }",
      "plugin.spec.yaml",
    );
    const sample = sampleOf(odd, odd.connection!);
    expect(validatorOf(compileConnection(odd))(sample)).toEqual([]);
    expect(sample).toMatchObject({ a: { token: "" }, b: { filename: "note.txt" } });
  });

  it("outlives values without end", () => {
    let deep: unknown = { name: "x" };
    for (let i = 0; i < 200_000; i++) deep = { name: "x", parent: deep };
    expect(output({ hosts: [deep] })).toHaveLength(1);
  });

  it("bounds what it tells", () => {
    expect(output({ hosts: Array.from({ length: 1_000 }, () => ({})) })).toHaveLength(11);
  });
});
