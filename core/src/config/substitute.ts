import { type Document, isScalar, visit } from "yaml";
import { ConfigError, type Problem } from "./problem.ts";
import type { Source } from "./source.ts";

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a configuration by environment values.
 * Throws a `ConfigError` that names the place of every variable that is not set.
 */
export function substitute(source: Source, env: Readonly<Record<string, string | undefined>>): Source {
  const problems: Problem[] = [];
  const document = source.document.clone() as Document.Parsed;
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node) || typeof node.value !== "string" || !node.value.includes("${"))
        return;
      const whole = node.value;
      node.value = whole.replaceAll(reference, (_, name: string, fallback?: string) => {
        const value = env[name] ?? fallback;
        if (value === undefined) {
          const { line, col } = source.lines.linePos(node.range?.[0] ?? 0);
          const message = `The environment variable ${name} is not set.`;
          problems.push({
            file: source.file,
            line,
            column: col,
            path: "",
            message,
            suggestion: `Write \${${name}:-default} to give it a default.`,
          });
        }
        return value ?? "";
      });
    },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...source, document, value: document.toJS({ maxAliasCount: 100 }) ?? {} };
}
