import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

/** How long a process that was just killed may take to let go. */
const patienceMs = 2_000;

/**
 * Keeps a second process out of a folder. Gives the release; throws what `refusal` makes of a sentence about the
 * holder where another process has it.
 *
 * On Linux the lock is an abstract socket named after the folder's device and inode: taking it is atomic and
 * the kernel lets go of it when the process dies, however it dies, so there is never a stale lock to judge.
 * The file `lock` only says who holds it.
 */
export async function lockDir(dir: string, refusal: (why: string) => Error): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(dir, { bigint: true });
  const note = join(dir, "lock");
  const address = process.platform === "linux" ? `\0vedette-lock-${dev}-${ino}` : join(dir, "lock.sock");
  const until = performance.now() + patienceMs;
  for (;;) {
    const server = await listen(address);
    if (server) {
      // Without room on the disk the lock is held all the same.
      await writeFile(note, `${process.pid}\n`, { mode: 0o600 }).catch(() => undefined);
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    if (performance.now() > until) {
      const holder = (await readFile(note, "utf8").catch(() => "")).trim();
      const who = holder === String(process.pid) ? "This process" : `Process ${holder || "unknown"}`;
      throw refusal(`${who} already uses ${dir}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path }, () => resolve(server));
  });
}
