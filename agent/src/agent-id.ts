import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { agentIdForm } from "@vedette/sdk";
import { type Disk, nodeDisk, replaceFile } from "./spool/index.ts";

/** The agent's name for ever: as configured, else as kept in the state folder, else made from the host's name. */
export async function agentIdOf(
  configured: string | undefined,
  stateDir: string,
  disk: Disk = nodeDisk,
): Promise<string> {
  if (configured !== undefined) return configured;
  const path = join(stateDir, "agent-id");
  const kept = (await disk.readFile(path))?.toString("utf8").trim() ?? "";
  if (agentIdForm.test(kept)) return kept;
  const host = hostname()
    .replace(/[^\w.-]/g, "-")
    .slice(0, 100);
  const made = `${host}-${randomBytes(4).toString("hex")}`;
  await replaceFile(disk, path, Buffer.from(`${made}\n`));
  return made;
}
