import type { Pack } from "../../api/pack-types.ts";
import { tValue } from "../../i18n/index.ts";
import { ToneBadge } from "../../ui/tone-badge.tsx";

const tones = { good: "good", expired: "warn", broken: "bad" } as const;

/** How a pack is. */
export const PackState = ({ state }: Pick<Pack, "state">) => (
  <ToneBadge tone={tones[state]} text={tValue("packState", state)} />
);
