import { locate, type Problem, pathText, type Source } from "@vedette/core/config";

export type YamlPath = readonly PropertyKey[];

/** Collects what is wrong or doubtful in rule files, each with its place. */
export class Report {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  fault(
    source: Source,
    path: YamlPath,
    message: string,
    suggestion?: string,
    at = locate(source, path),
  ): void {
    this.problems.push(entry(source, path, message, suggestion, at));
  }

  doubt(
    source: Source,
    path: YamlPath,
    message: string,
    suggestion?: string,
    at = locate(source, path),
  ): void {
    this.warnings.push({ ...entry(source, path, message, suggestion, at), severity: "warning" });
  }
}

function entry(
  source: Source,
  path: YamlPath,
  message: string,
  suggestion: string | undefined,
  at: { readonly line: number; readonly column: number },
): Problem {
  const problem = { file: source.file, line: at.line, column: at.column, path: pathText(path), message };
  return suggestion === undefined ? problem : { ...problem, suggestion };
}
