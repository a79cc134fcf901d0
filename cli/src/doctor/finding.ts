/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  readonly status: "good" | "warning" | "broken";
  readonly said: string;
  readonly cure?: string;
}
