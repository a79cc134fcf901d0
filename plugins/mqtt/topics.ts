import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fileIn = (stateDir: string): string => join(stateDir, "topics.json");

/** Topics that the session at the broker may still hold from earlier settings. */
export async function topicsBefore(stateDir: string): Promise<string[]> {
  try {
    const topics: unknown = JSON.parse(await readFile(fileIn(stateDir), "utf8"));
    return Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string").slice(0, 1_000) : [];
  } catch {
    return [];
  }
}

/** Notes which topics the session holds, so that one that is taken out of the settings is unsubscribed later. */
export async function rememberTopics(stateDir: string, topics: readonly string[]): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(fileIn(stateDir), JSON.stringify(topics), { mode: 0o600 });
}
