/** Something that takes bytes from outside and must stand whatever they are. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with, besides the kept corpus. */
  seeds(): Buffer[];
  /** Words that its format knows; mutation puts them in. */
  readonly words: readonly string[];
  /** Runs one input. Throws on any finding: a crash, a broken promise, too much time. */
  run(input: Buffer): void | Promise<void>;
  close?(): Promise<void>;
}

/** Longest input; every target's own limits are well below or set to be. */
export const maxInputBytes = 64 * 1_024;
