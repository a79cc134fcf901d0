import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

/** Where a secret lies. It is never written into the configuration itself. */
export const secretSettings = z.union([
  z.strictObject({
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Expected the name of an environment variable")
      .describe("Environment variable that holds it."),
  }),
  z.strictObject({
    file: z
      .string()
      .min(1)
      .max(4_096)
      .describe("File that holds it; a line end behind it is left out. Read again when it changes."),
  }),
]);
export type SecretSettings = z.infer<typeof secretSettings>;

const lookEveryMs = 5_000;

/** A secret, read again when its file changes. Prints as nothing, so that no log line can hold it. */
export class Secret {
  readonly #file: string | undefined;
  #bytes: Buffer;
  #state = "";
  #lookedAt = 0;

  /** Throws where the variable is not set, the file cannot be read, or what is there is empty. */
  constructor(settings: SecretSettings, baseDir: string) {
    if ("file" in settings) {
      this.#file = resolve(baseDir, settings.file);
      this.#state = stateOf(this.#file);
      this.#bytes = readSecret(this.#file);
    } else {
      const value = process.env[settings.env];
      if (!value) throw new Error(`The environment variable ${settings.env} is not set`);
      this.#bytes = Buffer.from(value);
    }
  }

  /** The bytes as they are now. A file that has become unreadable leaves the last ones. */
  get bytes(): Buffer {
    const now = performance.now();
    if (this.#file === undefined || now - this.#lookedAt < lookEveryMs) return this.#bytes;
    this.#lookedAt = now;
    const state = stateOf(this.#file);
    if (state === this.#state) return this.#bytes;
    try {
      this.#bytes = readSecret(this.#file);
      this.#state = state;
    } catch {
      // Being replaced just now: the next look finds it.
    }
    return this.#bytes;
  }

  toJSON(): string {
    return "[secret]";
  }
}

function readSecret(file: string): Buffer {
  const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  if (text === "") throw new Error(`The file ${file} holds no secret`);
  return Buffer.from(text);
}

function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : "";
}
