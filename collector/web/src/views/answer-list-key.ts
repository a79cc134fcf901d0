import { go, selected } from "../state/address.ts";

/** Moves through a list by keys, and closes what is open. */
export function answerListKey(action: string, ids: readonly string[]): boolean {
  const index = ids.indexOf(selected.value);
  const step = action === "next" ? 1 : action === "previous" ? -1 : 0;
  if (action === "close" && selected.value !== "") {
    go({ id: undefined }, { replace: true });
    return true;
  }
  if (step === 0 && !(action === "open" && index < 0)) return false;
  const id = ids[Math.min(ids.length - 1, Math.max(0, index + (step || 1)))];
  if (id !== undefined) go({ id }, { replace: true });
  return true;
}
