import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const remote = ["/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote"].find(
  (path) => existsSync(path),
);

/** Why no real journal can be made and read here; undefined where it can. CI installs both programs. */
export const noJournal: string | undefined =
  remote === undefined || spawnSync("journalctl", ["--version"]).status !== 0
    ? "journalctl or systemd-journal-remote is not installed"
    : undefined;

export type Fields = Readonly<Record<string, string | Buffer>>;

let clock = Date.UTC(2026, 0, 2, 3, 4, 5) * 1_000;

/** An entry in the export format; values with a newline and buffers go as binary. */
export function exportEntry(fields: Fields): Buffer {
  clock += 1_500;
  const parts = [
    Buffer.from(`__REALTIME_TIMESTAMP=${clock}\n__MONOTONIC_TIMESTAMP=${clock % 1e9}\n`),
    Buffer.from("_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=host-7\n"),
  ];
  for (const [name, value] of Object.entries(fields)) {
    const bytes = Buffer.from(value);
    if (typeof value === "string" && !value.includes("\n")) {
      parts.push(Buffer.from(`${name}=${value}\n`));
    } else {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(bytes.length));
      parts.push(Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n"));
    }
  }
  return Buffer.concat([...parts, Buffer.from("\n")]);
}

/** A folder with a real journal file, written by systemd-journal-remote. */
export class Journal {
  readonly dir = join(mkdtempSync(join(tmpdir(), "vedette-journal-")), "journal");
  readonly file: string;

  constructor(name = "test.journal") {
    mkdirSync(this.dir);
    this.file = join(this.dir, name);
  }

  /** Appends entries and resolves when they are in the file. */
  write(entries: readonly Fields[]): Promise<void> {
    const child = spawn(remote ?? "systemd-journal-remote", ["-o", this.file, "-"], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    let trouble = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      trouble += text;
    });
    child.stdin.end(Buffer.concat(entries.map(exportEntry)));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(trouble))));
    });
  }
}
