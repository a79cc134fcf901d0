import { z } from "zod";

/** Longest credential, in characters: certificates with their chain and service-account files fit. */
const maxCredential = 32_768;

/** What pages know of a credential, below `vedette` of its metadata. */
export interface CredentialMeta {
  /** Sealed where it is stored, never given back by the API, removed from logs. Set on the secret itself. */
  readonly secret?: true;
  /** The kind of credential, set on the whole of it. The names are InsightConnect's. */
  readonly credential?: CredentialKind;
  /** A secret of several lines, such as a private key. */
  readonly multiline?: true;
  readonly setting?: { readonly type: "password" | "text" | "file" };
}

export type CredentialKind =
  | "username_password"
  | "secret_key"
  | "token"
  | "asymmetric_key"
  | "password"
  | "file"
  | "bytes";

interface Options {
  readonly title?: string;
  /** What it is for and where to get it. */
  readonly help?: string;
}

const described = ({ title, help }: Options, vedette: CredentialMeta) => ({
  ...(title === undefined ? {} : { title }),
  ...(help === undefined ? {} : { description: help }),
  vedette,
});

const secretText = (options: Options = {}, more: CredentialMeta = {}) =>
  z
    .string()
    .min(1)
    .max(maxCredential)
    .meta(described(options, { secret: true, setting: { type: "password" }, ...more }));

const line = (title: string) => z.string().min(1).max(1_024).meta({ title });

const base64 = (max: number) =>
  z
    .base64()
    .min(1)
    .max(Math.ceil((max * 4) / 3) + 4);

/**
 * Kinds of credentials for the settings of a connection. What is secret is so by its declared type: not by its name.
 * `.describe()`, `.min()` and the like keep that; `.meta({ vedette })` would replace it.
 */
export const credential = {
  /** `{ username, password }` */
  usernamePassword: (options: Options = {}) =>
    z
      .strictObject({ username: line("User name"), password: secretText({ title: "Password" }) })
      .meta(described(options, { credential: "username_password" })),
  /** `{ secretKey }` */
  secretKey: (options: Options = {}) =>
    z
      .strictObject({ secretKey: secretText({ title: "Secret key" }) })
      .meta(described(options, { credential: "secret_key" })),
  /** `{ token, domain? }` */
  token: (options: Options = {}) =>
    z
      .strictObject({ token: secretText({ title: "Token" }), domain: line("Domain").optional() })
      .meta(described(options, { credential: "token" })),
  /** `{ privateKey }`, PEM. */
  asymmetricKey: (options: Options = {}) =>
    z
      .strictObject({ privateKey: secretText({ title: "Private key" }, { multiline: true }) })
      .meta(described(options, { credential: "asymmetric_key" })),
  /** A secret text. */
  password: (options: Options = {}) => secretText(options, { credential: "password" }),
  /** `{ filename, content }`, the content in base64 and secret. At most `maxBytes`, 24 KiB when left out. */
  file: (options: Options & { readonly maxBytes?: number } = {}) =>
    z
      .strictObject({
        filename: z.string().min(1).max(255).meta({ title: "File name" }),
        content: base64(options.maxBytes ?? 24_576).meta(
          described({ title: "Content" }, { secret: true, setting: { type: "file" } }),
        ),
      })
      .meta(described(options, { credential: "file" })),
  /** Secret bytes in base64. At most `maxBytes`, 24 KiB when left out. */
  bytes: (options: Options & { readonly maxBytes?: number } = {}) =>
    base64(options.maxBytes ?? 24_576).meta(
      described(options, { secret: true, credential: "bytes", setting: { type: "password" } }),
    ),
};
