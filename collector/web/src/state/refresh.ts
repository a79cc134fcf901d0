import { signal } from "@preact/signals";

/** Counts up when everything shown should be asked for again. */
export const refreshes = signal(0);

export const refresh = (): void => {
  refreshes.value += 1;
};
