/** A part of a JSON Schema, as far as forms need it. Hints are below `vedette`. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly vedette?: {
    readonly secret?: boolean;
    readonly credential?: string;
    readonly multiline?: boolean;
  };
}

/** A kind of connection that a plugin offers. */
export interface ConnectionKind {
  readonly plugin: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly testable: boolean;
}

export interface TestOutcome {
  readonly status: "healthy" | "warning" | "error";
  readonly message: string;
}

export interface Connection {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  /** What a change replaces: another one in between is refused. */
  readonly version: number;
  /** Secrets are `{ set: true }`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly updatedAt: string;
  readonly test?: TestOutcome & { readonly at: string; readonly current: boolean };
}
