import { createWriteStream, openSync } from "node:fs";
import { messageOf } from "@vedette/sdk";
import { OutputError, UsageError } from "../exit.ts";

/** A stream that is written no faster than it takes. */
export class Output {
  readonly #stream: NodeJS.WritableStream;
  readonly #failed: Promise<never>;

  /** `name` is what messages call it. A reader that goes away, as `head` does, ends the program quietly. */
  constructor(stream: NodeJS.WritableStream, name: string) {
    this.#stream = stream;
    this.#failed = new Promise((_, reject) => {
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EPIPE") process.exit(0);
        reject(new OutputError(`Cannot write to ${name}: ${error.message}.`, { cause: error }));
      });
    });
    this.#failed.catch(() => {});
  }

  /** Writes and waits while the stream is full. Rejects where it cannot be written. */
  async write(text: string): Promise<void> {
    if (text === "" || this.#stream.write(text)) return;
    const drained = new Promise<void>((resolve) => this.#stream.once("drain", () => resolve()));
    await Promise.race([drained, this.#failed]);
  }

  /** Waits until everything is written. */
  async flush(): Promise<void> {
    const written = new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    await Promise.race([this.#failed, written]);
  }
}

/** Opens a file to write, or stdout for `-`. Throws a `UsageError` where that cannot be, before anything is read. */
export function openOutput(path: string): Output {
  if (path === "-") return new Output(process.stdout, "stdout");
  try {
    return new Output(createWriteStream(path, { fd: openSync(path, "w") }), path);
  } catch (error) {
    throw new UsageError(`Cannot write to ${path}: ${messageOf(error)}.`, { cause: error });
  }
}
