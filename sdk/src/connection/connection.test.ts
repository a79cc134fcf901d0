import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { definePlugin } from "../plugin.ts";
import { setting, settings } from "../settings/index.ts";
import {
  type ConnectionSource,
  credential,
  defineConnection,
  mapSecrets,
  putSecrets,
  secretPaths,
} from "./index.ts";

const secret = () => credential.password();

describe("secrets of a schema", () => {
  it.each([
    ["nothing", z.strictObject({ token: z.string(), password: z.string() }), []],
    ["a leaf, whatever its name", z.strictObject({ colour: secret(), password: z.string() }), ["colour"]],
    [
      "every kind of credential",
      z.strictObject({
        login: credential.usernamePassword(),
        key: credential.secretKey(),
        token: credential.token(),
        pem: credential.asymmetricKey(),
        word: credential.password(),
        file: credential.file(),
        bytes: credential.bytes(),
      }),
      [
        ...[
          "login.password",
          "key.secretKey",
          "token.token",
          "pem.privateKey",
          "word",
          "file.content",
          "bytes",
        ],
      ],
    ],
    [
      "wrappers",
      z.strictObject({
        a: secret().optional(),
        b: secret().default("x"),
        c: secret().nullable(),
        d: secret().min(8).trim().describe("x").brand("d"),
        e: secret().transform((text) => text.length),
        f: z.preprocess((value) => value, secret()),
        g: secret().readonly().catch("x"),
        h: z.lazy(secret),
        i: z.intersection(z.object({ x: z.string() }), z.object({ y: secret() })),
      }),
      ["a", "b", "c", "d", "e", "f", "g", "h", "i.y"],
    ],
    [
      "lists, maps, tuples and choices",
      z.object({
        list: z.array(z.object({ key: secret() })),
        map: z.record(z.string(), secret()),
        pair: z.tuple([z.string(), secret()]),
        way: z.discriminatedUnion("type", [
          z.strictObject({ type: z.literal("basic"), login: credential.usernamePassword() }),
          z.strictObject({ type: z.literal("token"), auth: credential.token().optional() }),
        ]),
      }),
      ["list.*.key", "map.*", "pair.*", "way.login.password", "way.auth.token"],
    ],
    ["what is not named", z.object({ a: z.string() }).catchall(secret()), ["*"]],
    ["names with dots and stars", z.object({ "a.b*": z.object({ "c\\": secret() }) }), ["a\\.b\\*.c\\\\"]],
    ["itself", secret(), [""]],
  ])("are found: %s", (_, schema, expected) => {
    expect(secretPaths(schema).sort()).toEqual([...expected].sort());
  });

  it("may not repeat without end", () => {
    const plain: z.ZodType = z.object({ get below() { return plain.optional(); } }); // biome-ignore format: one line
    expect(secretPaths(plain)).toEqual([]);
    const endless: z.ZodType = z.object({ key: secret(), get below() { return endless.optional(); } }); // biome-ignore format: one line
    expect(() => secretPaths(endless)).toThrow(/no end/);
  });

  it("are replaced in a copy, wherever they are, and nothing else is", () => {
    const schema = z.object({
      url: z.string(),
      login: credential.usernamePassword().optional(),
      headers: z.record(z.string(), secret()),
      list: z.array(z.object({ key: secret().optional(), name: z.string() })),
      "a.b*": z.object({ "c\\": secret() }),
    });
    const value = {
      url: "u",
      headers: { one: "1", "two.x": "2", ["__proto__"]: "3" },
      list: [{ key: "k", name: "n" }, { name: "m" }],
      "a.b*": { "c\\": "q" },
    };
    const seen: string[] = [];
    const changed = mapSecrets(value, secretPaths(schema), (each, at) => {
      seen.push(at);
      return `<${String(each)}>`;
    });
    expect(seen.sort()).toEqual(
      [...["a\\.b\\*.c\\\\", "headers.__proto__", "headers.one", "headers.two\\.x", "list.0.key"]].sort(),
    );
    expect(changed).toEqual({
      url: "u",
      headers: { one: "<1>", "two.x": "<2>", ["__proto__"]: "<3>" },
      list: [{ key: "<k>", name: "n" }, { name: "m" }],
      "a.b*": { "c\\": "<q>" },
    });
    expect(value.list[0]).toEqual({ key: "k", name: "n" });
    expect(mapSecrets(value, secretPaths(schema), () => undefined)).toEqual({
      ...{ url: "u", headers: {}, list: [{ name: "n" }, { name: "m" }], "a.b*": {} },
    });
    const taken: Record<string, unknown> = {};
    const without = mapSecrets(value, secretPaths(schema), (each, at) => {
      taken[at] = each;
    });
    expect(putSecrets(without, taken)).toEqual(value);
    for (const odd of [null, "text", 5, [], undefined]) {
      expect(mapSecrets(odd, secretPaths(schema), () => "x")).toEqual(odd);
      expect(mapSecrets({ login: odd }, secretPaths(schema), () => "x")).toEqual(
        odd === undefined ? {} : { login: odd },
      );
    }
  });
});

describe("a kind of connection", () => {
  it("has settings that are strict", () => {
    expect(() => defineConnection({ title: "x", settings: z.object({ a: z.string() }) })).toThrow(
      /unknown key/,
    );
    expect(() => defineConnection({ title: "x", settings: z.string() })).toThrow(/must be an object/);
  });

  it("belongs to a plugin, whose settings name only kinds that there are", () => {
    const desk = defineConnection({ title: "Desk", settings: z.strictObject({ auth: credential.token() }) });
    const plugin = {
      ...{ id: "tickets", name: "x", version: "1.0.0", description: "x", apiVersion: 1 as const },
      ...{ locales: { en: {}, de: {} }, periodic: { tick: () => undefined } },
      settings: settings({ desk: setting.connection("desk") }),
    };
    expect(definePlugin({ ...plugin, connections: { desk } }).connections).toEqual({ desk });
    expect(() => definePlugin({ ...plugin, connections: { other: desk } })).toThrow(/setting desk.*"desk"/);
    expect(() => definePlugin({ ...plugin, connections: { desk, "a b": desk } })).toThrow(/"a b"/);
    const loose = { title: "Loose", settings: z.object({ a: z.string() }) };
    expect(() => definePlugin({ ...plugin, connections: { desk: loose } })).toThrow(/unknown key/);
  });

  it("gives its client, or its settings, as they are typed", () => {
    const plain = defineConnection({ title: "x", settings: z.strictObject({ url: z.string() }) });
    const opened = defineConnection({
      title: "x",
      settings: z.strictObject({ url: z.string(), auth: credential.token() }),
      open: ({ auth }) => ({ send: (text: string) => text + auth.token.length }),
    });
    const both = async (source: ConnectionSource) => ({
      plain: await source.connection(plain, "a"),
      opened: await source.connection(opened, "b"),
    });
    expectTypeOf<Awaited<ReturnType<typeof both>>["plain"]>().toEqualTypeOf<{ url: string }>();
    expectTypeOf<Awaited<ReturnType<typeof both>>["opened"]["send"]>().returns.toEqualTypeOf<string>();
  });

  it.each([
    [credential.usernamePassword(), { username: "u", password: "" }],
    [credential.secretKey(), {}],
    [credential.token(), { token: "t", realm: "x" }],
    [credential.asymmetricKey(), { privateKey: "x".repeat(32_769) }],
    [credential.file(), { filename: "a", content: "not base64!" }],
    [credential.bytes({ maxBytes: 3 }), "YWJjZGVmZ2hpamts"],
  ])("refuses what is missing, unknown or over its bound", (schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });
});
