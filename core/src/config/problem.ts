import { VedetteError } from "@vedette/sdk";

/** One mistake in a file, with its place and, where there is one, the cure. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path inside the file, such as `agent.inputs[0].include`; empty for syntax. */
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
  /** A warning does not stop the program. */
  readonly severity?: "warning";
}

/** `file:line:column: path: message (suggestion)`, the form that editors and terminals link. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, suggestion, severity } = problem;
  const where = `${file}:${line}:${column}: ${severity ? `${severity}: ` : ""}`;
  return `${where}${path ? `${path}: ` : ""}${message}${suggestion ? ` ${suggestion}` : ""}`;
}

/** A configuration that cannot be used. Its message lists every problem, one a line. */
export class ConfigError extends VedetteError {
  readonly problems: readonly Problem[];

  constructor(
    problems: readonly Problem[],
    code: "config.invalid" | "config.unreadable" = "config.invalid",
    cause?: unknown,
  ) {
    super(code, problems.map(formatProblem).join("\n"), { verdict: "stop" }, { cause });
    this.name = "ConfigError";
    this.problems = problems;
  }

  static unreadable(file: string, why: string, cause?: unknown): ConfigError {
    return new ConfigError(
      [{ file, line: 1, column: 1, path: "", message: `Cannot be read: ${why}.` }],
      "config.unreadable",
      cause,
    );
  }
}
