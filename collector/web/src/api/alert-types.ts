import type { AlertItem } from "./types.ts";

interface Named {
  readonly id: string;
  readonly name?: string;
}

export interface Attack {
  readonly tactics: readonly Named[];
  readonly techniques: readonly Named[];
}

/** What people made of an alert or an incident. */
export interface CaseState {
  readonly status: string;
  readonly verdict: string;
  readonly assignee: string;
  readonly version: number;
}

export interface HistoryEntry {
  readonly version: number;
  readonly at: string;
  readonly author: string;
  readonly changes: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
  readonly comment: string;
}

export interface Incident extends CaseState {
  readonly id: string;
  readonly kind: "story" | "risk";
  readonly title: string;
  readonly severity: string;
  readonly risk: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly alerts: number;
  readonly entities: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  readonly attack: Attack;
}

export interface Matcher {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export const controlKinds = ["silence", "maintenance", "exception"] as const;
export type ControlKind = (typeof controlKinds)[number];
export const controlPaths: Readonly<Record<ControlKind, string>> = {
  silence: "silences",
  maintenance: "maintenance",
  exception: "exceptions",
};

/** A silence, a maintenance window or an exception. */
export interface Control {
  readonly id: string;
  readonly kind: ControlKind;
  readonly author: string;
  readonly comment: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: string;
  readonly endsAt?: string;
  readonly weekly?: {
    readonly days: readonly string[];
    readonly at: string;
    readonly minutes: number;
    readonly timeZone: string;
  };
  readonly state: "waiting" | "active" | "over";
  readonly version: number;
}

export interface Preview {
  readonly looked: number;
  readonly complete: boolean;
  readonly hidden: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly examples: readonly AlertItem[];
}

/** Somebody or something, as `kind:value`, and how much points at it. */
export interface EntityRisk {
  readonly tenantId: string;
  readonly entity: string;
  readonly score: number;
  readonly threshold: number;
  readonly alerts: number;
  readonly lastAt: string;
  readonly rules: readonly string[];
}

/** A source of events; `alertId` while it is silent. */
export interface SourceState {
  readonly tenantId: string;
  readonly dataType: string;
  readonly dataSource: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly longestPauseSeconds: number;
  readonly alertId?: string;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly author: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

export interface RuleScore {
  readonly ruleId: string;
  readonly name: string;
  readonly shown: number;
  readonly hidden: number;
  readonly open: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falsePositiveRatio?: number;
  readonly lastAt?: string;
  readonly advice: "keep" | "tune" | "retire";
  readonly reasons: readonly {
    readonly code: string;
    readonly values: Readonly<Record<string, number>>;
    readonly text: string;
  }[];
}
