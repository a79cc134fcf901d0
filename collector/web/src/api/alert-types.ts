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
