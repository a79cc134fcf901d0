import { defaultLimits, type EngineLimits } from "../detect/index.ts";

/** The bounds of one detector, shared by as many owners as there are now: together they take no more memory than it. */
export class SharedLimits implements EngineLimits {
  readonly #owners: () => number;
  readonly lateMs = defaultLimits.lateMs;

  constructor(owners: () => number) {
    this.#owners = owners;
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
