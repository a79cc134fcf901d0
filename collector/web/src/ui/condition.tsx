import { conditions } from "../api/plugin-types.ts";
import { tValue } from "../i18n/index.ts";

const tones = { healthy: "good", warning: "warn", error: "bad", disabled: "off" } as const;

/** How something does, as a mark and a word; colour alone never carries the meaning. */
export function ConditionBadge({ value }: { value: string }) {
  const known = conditions.find((each) => each === value);
  return (
    <span class={`condition tone-${known ? tones[known] : "off"}`}>
      <i class={`dot dot-${known ? tones[known] : "off"}`} aria-hidden="true" />
      {tValue("condition", value)}
    </span>
  );
}
