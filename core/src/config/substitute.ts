import { type Document, isPair, isScalar, visit } from "yaml";
import { ConfigError, type Problem } from "./problem.ts";
import { type Source, soundValue } from "./source.ts";

const reference = /\$\{(?:secret:(?!-)([^}]*)|([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}/g;

/** What a secret is, or why there is none; undefined leaves the reference as it is written. */
export type SecretAnswer =
  | { readonly text: string }
  | { readonly problem: string; readonly suggestion?: string }
  | undefined;

/** Answers for a secret's name, and the path of the text that names it. */
export type SecretLookup = (name: string, path: readonly string[]) => SecretAnswer;

const nowhere: SecretLookup = (name) => ({
  problem: `The secret ${name} is not known here: only a collector has secrets.`,
  suggestion: "Take it from the environment, ${NAME}.",
});

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a configuration by environment values, and `${secret:name}` by
 * what `secrets` answers. Throws a `ConfigError` that names the place of everything that is not there.
 */
export function substitute(
  source: Source,
  env: Readonly<Record<string, string | undefined>>,
  secrets: SecretLookup = nowhere,
): Source {
  const problems: Problem[] = [];
  const document = source.document.clone() as Document.Parsed;
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || !isScalar(node) || typeof node.value !== "string" || !node.value.includes("${"))
        return;
      const path = ancestors.filter(isPair).map((pair) => String((pair.key as { value?: unknown }).value));
      const missing = (message: string, suggestion: string | undefined): void => {
        const { line, col } = source.lines.linePos(node.range?.[0] ?? 0);
        const problem = { file: source.file, line, column: col, path: "", message };
        problems.push(suggestion === undefined ? problem : { ...problem, suggestion });
      };
      const whole = node.value;
      node.value = whole.replaceAll(
        reference,
        (written, secret?: string, name?: string, fallback?: string) => {
          if (name === undefined) {
            const answer = secrets(secret ?? "", path);
            if (answer === undefined) return written;
            if ("text" in answer) return answer.text;
            missing(answer.problem, answer.suggestion);
            return "";
          }
          const value = env[name] ?? fallback;
          if (value === undefined)
            missing(
              `The environment variable ${name} is not set.`,
              `Write \${${name}:-default} to give it a default.`,
            );
          return value ?? "";
        },
      );
    },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...source, document, value: soundValue(document) ?? {} };
}
