import { signal } from "@preact/signals";

/** True while something was typed that is not stored. */
export const unsaved = signal(false);

/** Where one wanted to go meanwhile. */
export const wanted = signal<{ readonly go: () => void } | undefined>(undefined);

/** True where the way is free; else the page asks first, and goes if that is the answer. */
export function mayLeave(go: () => void): boolean {
  if (!unsaved.peek()) return true;
  wanted.value = { go };
  return false;
}

export const stay = (): void => {
  wanted.value = undefined;
};

export function leave(): void {
  const { go } = wanted.peek() ?? {};
  wanted.value = undefined;
  unsaved.value = false;
  go?.();
}

addEventListener("beforeunload", (event) => {
  if (unsaved.peek()) event.preventDefault();
});
