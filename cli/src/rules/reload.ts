import { apiAddress, askApi } from "../live/api.ts";
import { plain } from "../live/plain.ts";

interface Note {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

interface Changes {
  readonly rules: number;
  readonly files: number;
  readonly filesCompiled: number;
  readonly counts: { readonly added: number; readonly changed: number; readonly removed: number };
  readonly added: readonly Note[];
  readonly changed: readonly Note[];
  readonly removed: readonly Note[];
  readonly warnings: readonly string[];
  readonly ms: number;
}

export interface ReloadTarget {
  readonly url: string;
  readonly key?: string;
  readonly json?: true;
}

/** Has a running collector read its rules again, and writes what changed. Throws with the mistakes where one is wrong. */
export async function reloadRules(target: ReloadTarget, signal: AbortSignal): Promise<void> {
  const url = apiAddress(target.url, "rules/reload");
  const response = await askApi(url, target, signal, { method: "POST", body: {} });
  const changes = (await response.json()) as Changes;
  process.stdout.write(target.json ? `${JSON.stringify(changes)}\n` : told(changes));
}

function told({ rules, files, filesCompiled, counts, ms, warnings, ...lists }: Changes): string {
  const lines = warnings.map(plain);
  for (const [sign, kind] of [
    ["+", "added"],
    ["~", "changed"],
    ["-", "removed"],
  ] as const) {
    for (const { id, name, file, line } of lists[kind])
      lines.push(`${sign} ${plain(id)}  ${plain(name)}  ${plain(file)}:${line}`);
    const more = counts[kind] - lists[kind].length;
    if (more > 0) lines.push(`${sign} and ${more} more ${kind}`);
  }
  const { added, changed, removed } = counts;
  lines.push(
    `${many(rules, "rule")} of ${many(files, "file")}: ${added} added, ${changed} changed, ${removed} removed; ${many(filesCompiled, "file")} compiled anew (${(ms / 1_000).toFixed(1)} s)`,
  );
  return `${lines.join("\n")}\n`;
}

export const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
