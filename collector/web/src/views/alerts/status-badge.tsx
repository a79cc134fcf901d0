import { tValue } from "../../i18n/index.ts";

export const knownStatuses = ["open", "acknowledged", "closed"] as const;

/** Where an alert stands. A status from outside never becomes part of a class name. */
export const StatusBadge = ({ value }: { value: string | undefined }) => (
  <span class={`status status-${knownStatuses.find((each) => each === value) ?? "open"}`}>
    {tValue("status", value ?? "open")}
  </span>
);
