import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { VedetteError } from "@vedette/sdk";
import {
  environmentKeys,
  fileKeys,
  keyFault,
  keyRecipe,
  newKey,
  type SecretKey,
  type SecretKeys,
} from "./secret-keys.ts";
import type { ControlTarget } from "./target.ts";

/**
 * Seals texts with AES-256-GCM. A sealed text is `v1:<key id>:<nonce>:<cipher and tag>`, the last two in base64url.
 * Its name is authenticated with it: a sealed text that was moved to another place does not open there.
 */
export interface SecretBox {
  /**
   * Throws `secret.key` where there is no key to seal with, and a `RangeError` for a text that is too long or not
   * well-formed. The same text is sealed differently every time.
   */
  seal(name: string, text: string): string;
  /** The text. Throws `secret.unreadable`, which names what cannot be opened and why; never gives an empty text instead. */
  open(name: string, sealed: string): string;
  /** Whether it is sealed with another key than the one that seals now, so that a rotation has to seal it again. */
  stale(sealed: string): boolean;
}

/** A box whose keys can be changed. */
export interface RotatingBox extends SecretBox {
  /**
   * Puts a new key first, or goes on with a rotation that did not end. Where the keys are in the environment an operator
   * has put the new one there already; throws `secret.key`, which says how, while there is only one.
   */
  beginRotation(): void;
  /** Forgets all keys but the first, once nothing is stale; says what is left to an operator, if anything. */
  endRotation(): string | undefined;
}

/** Longest text that is sealed, in bytes of UTF-8. */
export const maxSecretBytes = 65_536;

export const secretKeyVariable = "VEDETTE_SECRET_KEY";
export const secretKeyFileVariable = "VEDETTE_SECRET_KEY_FILE";

const cipher = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const form = /^v1:([A-Za-z0-9_-]{8}):([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]{22,})$/;

/** Whether a text looks sealed. */
export const isSealed = (text: string): boolean => form.test(text);

/**
 * The box of a control database. Its keys are in `VEDETTE_SECRET_KEY` (base64, separated by commas, the first seals), or
 * in the file that `VEDETTE_SECRET_KEY_FILE` names, or in `secret.key` beside a SQLite file, made at first use. Writes
 * nothing itself. Throws `secret.key` where the variable is malformed.
 */
export function openSecretBox(
  target: ControlTarget,
  env: Readonly<Record<string, string | undefined>>,
): RotatingBox {
  return boxOf(keysOf(target, env));
}

function keysOf(target: ControlTarget, env: Readonly<Record<string, string | undefined>>): SecretKeys {
  const text = env[secretKeyVariable];
  const file = env[secretKeyFileVariable];
  if (text !== undefined && file !== undefined)
    throw keyFault(`Both ${secretKeyVariable} and ${secretKeyFileVariable} are set; unset one of them.`);
  if (text !== undefined) return environmentKeys(secretKeyVariable, text);
  if (file !== undefined) return fileKeys(file);
  return target.kind === "sqlite" ? fileKeys(join(target.dir, "secret.key")) : absentKeys;
}

/** Several collectors share a PostgreSQL database, so a file that each makes for itself would lock the others out. */
const absentKeys: SecretKeys = {
  place: "The environment",
  all: () => [],
  sealing: () => {
    throw keyFault(
      `Secrets in PostgreSQL need a key that every collector has. Set ${secretKeyVariable} to the output of "${keyRecipe}", or ${secretKeyFileVariable} to a file with mode 600 that holds it.`,
    );
  },
  replace: undefined,
};

const boxOf = (keys: SecretKeys): RotatingBox => ({
  seal(name, text) {
    if (Buffer.byteLength(text) > maxSecretBytes)
      throw new RangeError(`The secret "${name}" has more than ${maxSecretBytes} bytes.`);
    // Half a character would come back as another one.
    if (!text.isWellFormed()) throw new RangeError(`The secret "${name}" is not well-formed Unicode.`);
    return sealWith(keys.sealing(), name, text);
  },

  open(name, sealed) {
    const [, id, nonce, body] = form.exec(sealed) ?? [];
    if (id === undefined || nonce === undefined || body === undefined)
      throw unreadable(name, "what is stored is not a sealed text.");
    const all = keys.all();
    const key = all.find((each) => each.id === id);
    if (key === undefined) {
      const have = all.length === 0 ? "there is no key" : `only ${all.map((each) => each.id).join(", ")}`;
      throw unreadable(
        name,
        `its key ${id} is not here (${keys.place}: ${have}). Put that key back, or set the secret again.`,
      );
    }
    try {
      return openWith(key, name, nonce, body);
    } catch (cause) {
      throw unreadable(
        name,
        "it was changed, or sealed under another name. Set it again, or restore the database.",
        cause,
      );
    }
  },

  stale(sealed) {
    const [first] = keys.all();
    return form.exec(sealed)?.[1] !== first?.id;
  },

  beginRotation() {
    const all = keys.all();
    if (all.length > 1) return;
    if (keys.replace === undefined) {
      // Says what is missing where there is none at all.
      keys.sealing();
      throw keyFault(
        `${keys.place} holds one key. Put a new one before it, separated by a comma, for every collector; then run this again. Make one with: ${keyRecipe}`,
      );
    }
    if (all.length === 0) keys.sealing();
    else keys.replace([newKey(), ...all]);
  },

  endRotation() {
    const [first, ...old] = keys.all();
    if (first === undefined || old.length === 0) return undefined;
    if (keys.replace !== undefined) {
      keys.replace([first]);
      return undefined;
    }
    return `Nothing uses ${old.map(({ id }) => id).join(", ")} any more: take all keys but the first out of ${secretKeyVariable}.`;
  },
});

function sealWith({ id, bytes }: SecretKey, name: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, bytes, nonce, { authTagLength: tagBytes });
  sealing.setAAD(boundTo(id, name));
  const body = Buffer.concat([sealing.update(text, "utf8"), sealing.final(), sealing.getAuthTag()]);
  return `v1:${id}:${nonce.toString("base64url")}:${body.toString("base64url")}`;
}

function openWith({ id, bytes }: SecretKey, name: string, nonce: string, body: string): string {
  const whole = Buffer.from(body, "base64url");
  const opening = createDecipheriv(cipher, bytes, Buffer.from(nonce, "base64url"), {
    authTagLength: tagBytes,
  });
  opening.setAAD(boundTo(id, name));
  opening.setAuthTag(whole.subarray(-tagBytes));
  return Buffer.concat([opening.update(whole.subarray(0, -tagBytes)), opening.final()]).toString("utf8");
}

const boundTo = (id: string, name: string): Buffer => Buffer.from(`v1:${id}:${name}`, "utf8");

const unreadable = (name: string, why: string, cause?: unknown): VedetteError =>
  new VedetteError(
    "secret.unreadable",
    `The secret "${name}" cannot be opened: ${why}`,
    { verdict: "stop" },
    { cause },
  );

/** The same box, which says every text that it seals or opens, so that it can be kept out of logs. */
export const watchedBox = (box: RotatingBox, know: (secret: unknown) => void): RotatingBox => {
  const told = (text: string): string => {
    know(text);
    // Values of any type are sealed as JSON.
    if (/^["{[]/.test(text)) {
      try {
        know(JSON.parse(text));
      } catch {
        // A text that only begins like JSON.
      }
    }
    return text;
  };
  return {
    ...box,
    seal: (name, text) => box.seal(name, told(text)),
    open: (name, sealed) => told(box.open(name, sealed)),
  };
};
