/** A workflow, as the list has it. */
export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly snippet: boolean;
  /** What starts it. */
  readonly triggers: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeSavedSeconds: number;
  /** Those of files are changed there. */
  readonly source: "configuration" | "database";
  readonly version: number;
  /** False for a draft. */
  readonly active: boolean;
  readonly problems: readonly WorkflowProblem[];
}

/** What is wrong in a workflow's text. */
export interface WorkflowProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly severity: "error" | "warning";
}

export interface WholeWorkflow extends Workflow {
  readonly yaml: string;
}

export const jobStatuses = [
  "waiting",
  "running",
  "queued",
  "succeeded",
  "failed",
  "uncertain",
  "cancelled",
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export interface Job {
  readonly id: string;
  readonly workflow: string;
  readonly status: JobStatus;
  readonly dryRun: boolean;
  readonly startedBy: string;
  readonly error?: string;
  readonly rerunOf?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly wakeAt?: string;
}

export interface JobStep {
  readonly key: string;
  readonly kind: string;
  readonly state: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly note?: string;
}

export interface JobQuestion {
  readonly step: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly expiresAt: string;
  readonly answer?: string;
  readonly answeredBy?: string;
}

export interface WholeJob extends Job {
  readonly input: unknown;
  readonly steps: readonly JobStep[];
  readonly questions: readonly JobQuestion[];
}

export interface NotificationRule {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly source: "configuration" | "database";
  readonly version: number;
  readonly problem?: string;
}

export interface Channel {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
}

export const deliveryStates = ["waiting", "sending", "sent", "dead"] as const;

export interface Delivery {
  readonly id: string;
  readonly channel: string;
  readonly rule: string;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly createdAt: string;
  readonly dueAt?: string;
  readonly endedAt?: string;
  readonly outcome?: string;
  readonly uncertain: boolean;
  readonly about: string;
  readonly severity: string;
  readonly count: number;
  readonly title: string;
}
