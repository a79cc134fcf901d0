import type { BuiltinType } from "../spec/types.ts";

/** A JSON Schema, as far as the compiler makes them. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Built-in types that stand where they are used. */
const inline: Partial<Record<BuiltinType, JsonSchema>> = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  object: { type: "object" },
  array: { type: "array" },
  date: { type: "string", format: "date-time", displayType: "date" },
  bytes: { type: "string", format: "bytes", displayType: "bytes" },
};

const secret = (title: string, description: string, order?: number): JsonSchema => ({
  type: "string",
  title,
  description,
  format: "password",
  displayType: "password",
  ...(order === undefined ? {} : { order }),
});

/** Built-in types that are a definition of their own. Texts are those of the vendor's generator, which is MIT licensed. */
const definitions: Partial<Record<BuiltinType, JsonSchema>> = {
  password: { type: "string", format: "password", displayType: "password" },
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
  credential_username_password: {
    id: "credential_username_password",
    type: "object",
    title: "Credential: Username and Password",
    description: "A username and password combination",
    properties: {
      username: { type: "string", title: "Username", description: "The username to log in with", order: 1 },
      password: secret("Password", "The password", 2),
    },
    required: ["username", "password"],
  },
  credential_secret_key: {
    id: "credential_secret_key",
    type: "object",
    title: "Credential: Secret Key",
    description: "A shared secret key",
    properties: { secretKey: secret("Secret Key", "The shared secret key") },
    required: ["secretKey"],
  },
  credential_token: {
    id: "credential_token",
    type: "object",
    title: "Credential: Token",
    description: "A pair of a token, and an optional domain",
    properties: {
      token: secret("Token", "The shared token"),
      domain: { type: "string", title: "Domain", description: "The domain for the token" },
    },
    required: ["token"],
  },
  credential_asymmetric_key: {
    id: "credential_asymmetric_key",
    type: "object",
    title: "Credential: Asymmetric Key",
    description: "A shared key",
    properties: { privateKey: secret("Private Key", "The private key") },
    required: ["privateKey"],
  },
};

/** What stands in the place of use. */
export const inlineSchema = (name: BuiltinType): JsonSchema | undefined => inline[name];

/** What stands under `definitions`, for types that are referred to. */
export const definitionOf = (name: BuiltinType): JsonSchema => definitions[name] ?? {};
