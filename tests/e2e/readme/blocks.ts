/** A fenced block of a Markdown page with the HTML comment right above it, which says how it is tested. */
export interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly use: Use;
}

/**
 * What a block is for:
 * `run` a script that must succeed, `retry` one that must succeed soon, `background` one that runs until the end of the test (`alone`: those before it are stopped first),
 * `file` a file to write, `output` what the script before it printed (`exact`, else only the beginning), `skip` nothing.
 */
export type Use =
  | { readonly kind: "run" | "retry" }
  | { readonly kind: "background"; readonly alone?: true; readonly until?: RegExp }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "output"; readonly exact: boolean }
  | { readonly kind: "skip" };

const useOf = (comment: string | undefined, language: string, line: number): Use => {
  const [word = "", rest = ""] = comment?.split(/:\s*(.*)/s) ?? [];
  switch (word) {
    case "":
      if (language === "sh") return { kind: "run" };
      break;
    case "retried":
      return { kind: "retry" };
    case "background":
      return { kind: "background" };
    case "background until":
      return { kind: "background", until: new RegExp(rest) };
    case "background alone until":
      return { kind: "background", alone: true, until: new RegExp(rest) };
    case "file":
      return { kind: "file", name: rest };
    case "output":
      return { kind: "output", exact: true };
    case "output begins":
      return { kind: "output", exact: false };
    case "skip":
      return { kind: "skip" };
    default:
  }
  throw new Error(`Line ${line}: nothing says how to test this ${language || "plain"} block.`);
};

/** Every fenced block of a page, in order. Throws on one that nothing tells how to test. */
export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\S*)/.exec(lines[at] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`Line ${at + 1}: the block has no end.`);
    const comment = /^<!--\s*(.*?)\s*-->$/.exec(lines[at - 1] ?? "")?.[1];
    const text = `${lines.slice(at + 1, end).join("\n")}\n`;
    blocks.push({ line: at + 1, language, text, use: useOf(comment, language, at + 1) });
    at = end;
  }
  return blocks;
}
