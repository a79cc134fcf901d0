export interface FieldProblem {
  readonly key: string;
  readonly message: string;
}

/** A problem+json answer (RFC 9457), or a failure to reach the collector. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly parameter: string | undefined;
  /** Character offset in the parameter's value. */
  readonly at: number | undefined;
  readonly cure: string | undefined;
  readonly suggestion: string | undefined;
  /** What does not fit in a body, by the key of each. */
  readonly problems: readonly FieldProblem[];
  constructor(status: number, body: Record<string, unknown>) {
    super(text(body.detail) ?? text(body.title) ?? `HTTP ${status}`);
    this.status = status;
    this.parameter = text(body.parameter);
    this.at = typeof body.at === "number" ? body.at : undefined;
    this.cure = text(body.cure);
    this.suggestion = text(body.suggestion);
    this.problems = Array.isArray(body.problems) ? (body.problems as FieldProblem[]) : [];
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
