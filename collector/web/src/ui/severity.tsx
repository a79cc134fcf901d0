import { tValue } from "../i18n/index.ts";

/** A severity as a coloured mark and its word; colour alone never carries the meaning. */
export const SeverityBadge = ({ value }: { value: string | undefined }) => (
  <span class={`severity severity-${known(value)}`}>
    <i aria-hidden="true" />
    {tValue("severity", value ?? "")}
  </span>
);

const names: ReadonlySet<string> = new Set(["info", "low", "medium", "high", "critical"]);

/** The severity as part of a class name; values from outside never become one. */
export const known = (value: string | undefined): string =>
  value !== undefined && names.has(value) ? value : "none";
