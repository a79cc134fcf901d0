import { z } from "zod";

export const caseKinds = ["alert", "incident"] as const;
export type CaseKind = (typeof caseKinds)[number];

export const caseStatuses = ["open", "acknowledged", "closed"] as const;
export type CaseStatus = (typeof caseStatuses)[number];

/** What a closed case turned out to be. `recovered` is said by Vedette itself of what ended by itself. */
export const verdicts = ["true_positive", "false_positive"] as const;

export const caseLimits = { commentLength: 4_000, assigneeLength: 100, history: 500, bulk: 1_000 } as const;

/** What somebody does to an alert or an incident. */
export const caseChangeSchema = z
  .strictObject({
    version: z.int().min(0).optional().meta({
      description:
        "The version that was looked at, 0 where nobody changed it yet. Refused with 409 where it is another by now; without it the last word counts.",
    }),
    status: z.enum(caseStatuses).optional(),
    verdict: z.enum(verdicts).optional().meta({ description: "Needed to close: what it was." }),
    assignee: z
      .string()
      .trim()
      .max(caseLimits.assigneeLength)
      .optional()
      .meta({ description: "Who looks after it; empty for nobody." }),
    comment: z.string().trim().min(1).max(caseLimits.commentLength).optional(),
  })
  .refine(
    ({ status, assignee, comment }) =>
      status !== undefined || assignee !== undefined || comment !== undefined,
    { message: "says nothing: give status, assignee or comment" },
  )
  .refine(({ status, verdict }) => (status === "closed") === (verdict !== undefined), {
    message: "is needed to close, and only then",
    path: ["verdict"],
  });

export type CaseChange = Omit<z.infer<typeof caseChangeSchema>, "verdict"> & {
  readonly verdict?: string | undefined;
};

/** How an alert or an incident stands. */
export interface CaseState {
  readonly status: CaseStatus;
  /** Empty unless it is closed. */
  readonly verdict: string;
  readonly assignee: string;
  /** Grows with every change; 0 where there was none. */
  readonly version: number;
}

export const freshCase: CaseState = { status: "open", verdict: "", assignee: "", version: 0 };

/** Each field that changes, with what it was and what it is. */
export type Changes = Readonly<Record<string, { readonly from: string; readonly to: string }>>;

/** The state after a change and what differs. */
export function changed(before: CaseState, change: CaseChange): { state: CaseState; changes: Changes } {
  const status = change.status ?? before.status;
  const next = {
    status,
    verdict: status === "closed" ? (change.verdict ?? before.verdict) : "",
    assignee: change.assignee ?? before.assignee,
  };
  const fields = ["status", "verdict", "assignee"] as const;
  const changes = Object.fromEntries(
    fields
      .filter((field) => next[field] !== before[field])
      .map((field) => [field, { from: before[field], to: next[field] }]),
  );
  return { state: { ...next, version: before.version + 1 }, changes };
}

/** One thing that was done. `at` in milliseconds since 1970. */
export interface HistoryEntry {
  readonly version: number;
  readonly at: number;
  readonly author: string;
  readonly changes: Changes;
  readonly comment: string;
}
