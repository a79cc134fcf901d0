import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A delivery as it is noted. */
export interface NotedDelivery {
  readonly messageId: number;
  readonly checksum: string;
  readonly end: number;
}

/** Notes in one file; the file before it is kept, so at least as many are known as there are message ids. */
const notesPerFile = 65_536;
/** More than two files of notes are nobody's. */
const maxFileBytes = 4 * 2 ** 20;

/**
 * Deliveries by the order in which they were taken, in two files of the input's folder. Each is written before its log is
 * pushed, so it outlives a killed process whenever the log does. It need not outlive the machine: then messages come twice.
 */
export class DeliveryLog {
  readonly #file: string;
  readonly #older: string;
  readonly #failed: (error: unknown) => void;
  #fd: number | undefined;
  #notes = 0;

  constructor(dir: string, failed: (error: unknown) => void) {
    this.#file = join(dir, "deliveries");
    this.#older = `${this.#file}.older`;
    this.#failed = failed;
  }

  /** What was noted, oldest first. */
  *before(): Generator<NotedDelivery> {
    for (const file of [this.#older, this.#file]) {
      for (const [, end = "", id = "", checksum = ""] of read(file).matchAll(
        /^(\d{1,16}) (\d{1,5}) ([0-9a-f]{1,8})$/gm,
      )) {
        if (file === this.#file) this.#notes++;
        yield { end: Number(end), messageId: Number(id), checksum };
      }
    }
  }

  note({ end, messageId, checksum }: NotedDelivery): void {
    try {
      if (this.#notes >= notesPerFile) this.#rotate();
      this.#fd ??= openSync(this.#file, "a", 0o600);
      writeSync(this.#fd, `${end} ${messageId} ${checksum}\n`);
      this.#notes++;
    } catch (error) {
      this.#failed(error);
    }
  }

  clear(): void {
    this.close();
    rmSync(this.#file, { force: true });
    rmSync(this.#older, { force: true });
    this.#notes = 0;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #rotate(): void {
    this.close();
    renameSync(this.#file, this.#older);
    this.#notes = 0;
  }
}

function read(file: string): string {
  try {
    const text = readFileSync(file, "latin1");
    return text.length > maxFileBytes ? "" : text;
  } catch {
    return "";
  }
}
