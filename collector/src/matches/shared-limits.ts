import type { CorrelatorLimits } from "../correlate/index.ts";
import { defaultLimits, type EngineLimits } from "../detect/index.ts";

/** The bounds of one detector, shared by as many owners as there are now: together they take no more memory than it. */
export class SharedLimits implements EngineLimits {
  readonly #owners: () => number;
  readonly lateMs = defaultLimits.lateMs;
  readonly windows: CorrelatorLimits;

  constructor(owners: () => number, windows: CorrelatorLimits = defaultLimits.windows) {
    this.#owners = owners;
    const share = (whole: number): number => this.#share(whole);
    this.windows = {
      ...windows,
      get entries() {
        return share(windows.entries);
      },
      get bytes() {
        return share(windows.bytes);
      },
      get bodyBytes() {
        return share(windows.bodyBytes);
      },
      get bodies() {
        return share(windows.bodies);
      },
    };
  }

  get sightings(): number {
    return this.#share(defaultLimits.sightings);
  }
  get bodyBytes(): number {
    return this.#share(defaultLimits.bodyBytes);
  }
  get bodies(): number {
    return this.#share(defaultLimits.bodies);
  }
  get alerts(): number {
    return this.#share(defaultLimits.alerts);
  }
  get triggers(): number {
    return this.#share(defaultLimits.triggers);
  }

  #share(whole: number): number {
    return Math.ceil(whole / Math.max(1, this.#owners()));
  }
}
