import { compileWildcard } from "../../alert-match/index.ts";
import type { AlertingConfig } from "../../config/index.ts";

/** How often a source is heard. Times in milliseconds since 1970, pauses in milliseconds. */
export interface Rhythm {
  readonly firstAt: number;
  readonly lastAt: number;
  /** The longest pauses of this span of seven days and of the one before. */
  readonly pauseNow: number;
  readonly pauseBefore: number;
  readonly span: number;
}

/** A week, so that quiet nights and weekends are part of every span. */
export const spanMs = 7 * 86_400_000;
/** How much longer than ever before a source may pause. */
const patience = 1.5;

export const firstHeard = (at: number): Rhythm => ({
  ...{ firstAt: at, lastAt: at, pauseNow: 0, pauseBefore: 0, span: Math.floor(at / spanMs) },
});

/**
 * What a source's rhythm is after it was heard from one time to another, with some pause in between. A pause that was called
 * silence is not learned, unless it was a false alarm.
 */
export function heard(
  rhythm: Rhythm,
  { from, to, pause }: { readonly from: number; readonly to: number; readonly pause: number },
  wasSilence: boolean,
): Rhythm {
  const before = wasSilence ? 0 : from - rhythm.lastAt;
  const longest = Math.max(pause, before);
  const span = Math.floor(to / spanMs);
  const moved = span - rhythm.span;
  const [pauseNow, pauseBefore] =
    moved <= 0 ? [rhythm.pauseNow, rhythm.pauseBefore] : moved === 1 ? [0, rhythm.pauseNow] : [0, 0];
  return {
    firstAt: rhythm.firstAt,
    lastAt: Math.max(rhythm.lastAt, to),
    ...{ pauseNow: Math.max(pauseNow, longest), pauseBefore, span: Math.max(span, rhythm.span) },
  };
}

export interface SourceName {
  readonly tenantId: string;
  readonly dataType: string;
  readonly dataSource: string;
}

type Config = AlertingConfig["silentSources"];

/**
 * After which time without an event a source is silent, in milliseconds: as it was told, else half as long again as its longest
 * pause of up to two weeks. Undefined where nothing is known, or nothing should be said.
 */
export function compileLimit(
  config: Config,
): (name: Omit<SourceName, "tenantId">, rhythm: Rhythm) => number | undefined {
  const told = config.expected.map(({ dataType, dataSource, minutes }) => ({
    ...{ dataType: compileWildcard(dataType), dataSource: compileWildcard(dataSource), ms: minutes * 60_000 },
  }));
  return ({ dataType, dataSource }, { firstAt, lastAt, pauseNow, pauseBefore }) => {
    const found = told.find((each) => each.dataType(dataType) && each.dataSource(dataSource));
    if (found) return found.ms === 0 ? undefined : found.ms;
    if (lastAt - firstAt < config.learnHours * 3_600_000) return undefined;
    return Math.max(config.minimumMinutes * 60_000, patience * Math.max(pauseNow, pauseBefore));
  };
}
