/** Where a request went wrong and how to right it; travels as extension members of problem+json. */
export interface Fault {
  readonly parameter?: string;
  /** Character offset in the parameter's value at which reading failed, from 0. */
  readonly at?: number;
  readonly cure?: string;
  readonly suggestion?: string;
  /** Every fault of a body that has several, by key. */
  readonly problems?: readonly { readonly key: string; readonly message: string }[];
}

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** Every kind of problem the API answers with. The `type` of a problem is `urn:vedette:problem:` and this name. */
export const problemKinds = {
  "bad-parameter": { status: 400, title: "A parameter cannot be understood." },
  "unknown-parameter": { status: 400, title: "There is no such parameter." },
  "bad-body": { status: 400, title: "The request body cannot be understood." },
  "key-needed": { status: 401, title: "An API key is needed." },
  "not-allowed": { status: 403, title: "This key may not do that." },
  "wrong-host": { status: 421, title: "The host name of the request is not one of this collector's." },
  "not-found": { status: 404, title: "There is nothing here." },
  "no-such-method": { status: 405, title: "This address does not answer that method." },
  conflict: { status: 409, title: "It was changed meanwhile, or something uses it." },
  "too-large": { status: 413, title: "The request body is too large." },
  "too-many-requests": { status: 429, title: "Too many requests at once." },
  "bad-rules": { status: 422, title: "The rules cannot be used." },
  refused: { status: 422, title: "A guard refuses that." },
  "query-too-heavy": { status: 422, title: "The query needs more time or memory than it may use." },
  cancelled: { status: 499, title: "The client closed the request." },
  "store-unavailable": { status: 503, title: "The store does not answer." },
  "control-unavailable": { status: 503, title: "The control database does not answer." },
  "secrets-unavailable": { status: 503, title: "Secrets cannot be sealed or opened." },
  "internal-fault": { status: 500, title: "A fault in Vedette." },
} as const satisfies Record<string, Kind>;

export type ProblemKind = keyof typeof problemKinds;

/** A request that cannot be answered, as RFC 9457 describes it. Thrown anywhere below a route. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly fault: Fault;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    kind: ProblemKind,
    detail: string,
    fault: Fault = {},
    headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = "Problem";
    this.kind = kind;
    this.fault = fault;
    this.headers = headers;
  }

  get status(): number {
    return problemKinds[this.kind].status;
  }

  toJSON(): object {
    const { status, title } = problemKinds[this.kind];
    return { type: `urn:vedette:problem:${this.kind}`, title, status, detail: this.message, ...this.fault };
  }
}

/** The answer to a request that ended in a problem; `redact` takes secrets out of it. */
export const problemResponse = (problem: Problem, redact = (text: string): string => text): Response =>
  new Response(redact(JSON.stringify(problem)), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...problem.headers },
  });

/** A parameter that cannot be understood. */
export const badParameter = (parameter: string, detail: string, fault: Fault = {}): Problem =>
  new Problem("bad-parameter", detail, { parameter, ...fault });
