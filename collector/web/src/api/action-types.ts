type Texts = Readonly<Record<string, string>>;

export interface ActionParameter {
  readonly name: string;
  readonly title: Texts;
  readonly options?: readonly { readonly value: string; readonly title: Texts }[];
  readonly maxLength?: number;
  readonly default: string;
}

/** An action that can be asked for. */
export interface Action {
  /** `plugin/name`. */
  readonly id: string;
  readonly title: Texts;
  readonly help: Texts;
  readonly targets: readonly string[];
  readonly critical: boolean;
  readonly containment: boolean;
  readonly parameters: readonly ActionParameter[];
  /** Why it cannot be done now. */
  readonly unavailable?: string;
  readonly dryRun: boolean;
}

/** One run of an action. */
export interface ActionRun {
  readonly id: string;
  readonly action: string;
  readonly target: { readonly type: string; readonly value: string };
  readonly state: string;
  readonly dryRun: boolean;
  readonly containment: boolean;
  readonly uncertain: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly origin: "person" | "rule" | "workflow";
  readonly outcome: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly endedAt?: string;
  readonly approvalsNeeded: number;
  readonly approvalUntil?: string;
  readonly liftedBy?: string;
  readonly liftReason?: string;
}

/** What an action would do. */
export interface ActionPreview {
  readonly target: { readonly type: string; readonly value: string };
  /** Where the target was the name of a host. */
  readonly resolved?: { readonly host: string; readonly addresses: readonly string[] };
  readonly allowed: boolean;
  readonly refusal?: { readonly guard: string; readonly why: string };
  readonly dryRun: boolean;
  readonly approvalsNeeded: number;
  readonly ttlSeconds?: number;
  readonly repeats: number;
  readonly history?: {
    readonly hours: number;
    readonly events: number;
    readonly users: number;
    readonly hosts: number;
    readonly succeeded: number;
    readonly alerts: number;
  };
}

export interface KillSwitch {
  readonly on: boolean;
  readonly by: string;
  readonly reason: string;
  readonly at?: string;
  readonly dryRun: boolean;
}

export const listNames = ["never-touch", "allow"] as const;

export interface ListEntry {
  /** Those of the configuration have none. */
  readonly id?: string;
  readonly list: (typeof listNames)[number];
  readonly entry: string;
  readonly reason: string;
  readonly author: string;
  readonly endsAt?: string;
}

export interface Drift {
  readonly action: string;
  readonly at: string;
  readonly problem?: string;
  readonly ours: number;
  readonly real: number;
  readonly missing: readonly { readonly run: string; readonly target: string }[];
  readonly foreign: readonly { readonly target: string; readonly origin: string }[];
  readonly foreignCount: number;
}

export interface ActionRule {
  readonly name: string;
  readonly rules: readonly string[];
  readonly action: string;
  readonly field: string;
  readonly fingerprint: string;
  readonly armed: boolean;
  readonly dryRun: boolean;
}

export interface RulePreview {
  readonly fingerprint: string;
  readonly hours: number;
  readonly looked: number;
  readonly complete: boolean;
  readonly matched: number;
  readonly wouldAct: number;
  readonly refused: number;
  readonly overLimit: number;
  readonly targets: readonly {
    readonly target: string;
    readonly alerts: number;
    readonly runs: number;
    readonly falsePositives: number;
    readonly refusal?: { readonly guard: string; readonly why: string };
  }[];
}
