/** How something stands: good and over, under way, or in need of somebody. */
export type Tone = "good" | "warn" | "bad" | "off";

/** A state as a mark and a word; colour alone never carries the meaning. */
export const ToneBadge = ({ tone, text }: { tone: Tone; text: string }) => (
  <span class={`condition tone-${tone}`}>
    <i class={`dot dot-${tone}`} aria-hidden="true" />
    {text}
  </span>
);
