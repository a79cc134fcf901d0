import { signal } from "@preact/signals";

const name = "vedette.key";

/** The API key of this tab; gone when the tab closes. */
export const apiKey = signal(sessionStorage.getItem(name) ?? "");

/** True when the API asked for a key, or refused the one it got. */
export const keyNeeded = signal(false);

export function useKey(key: string): void {
  sessionStorage.setItem(name, key);
  apiKey.value = key;
  keyNeeded.value = false;
}

/** True while the collector does not answer. */
export const unreachable = signal(false);
