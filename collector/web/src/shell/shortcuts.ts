import { useEffect, useLayoutEffect } from "preact/hooks";
import { go, type View } from "../state/address.ts";

type Action = "next" | "previous" | "open" | "close" | "live" | "search";
const actions: Readonly<Record<string, Action>> = {
  j: "next",
  k: "previous",
  Enter: "open",
  Escape: "close",
  l: "live",
  "/": "search",
};
const viewKeys: Readonly<Record<string, View>> = {
  "1": "overview",
  "2": "events",
  "3": "alerts",
  "4": "jobs",
  "5": "assets",
  "6": "plugins",
};

const listeners = new Set<(action: Action) => boolean>();

/** The shown view's answer to a key; true where it did something. */
export function useAction(answer: (action: Action) => boolean): void {
  // At once rather than after painting: a view that is already gone must not answer.
  useLayoutEffect(() => {
    listeners.add(answer);
    return () => void listeners.delete(answer);
  });
}

/** The search box of the events view. */
export const searchBoxId = "search-box";

let focusWanted = false;

/** True once after the search box was asked for from another view; the box focuses itself when it is there. */
export function takeFocus(): boolean {
  const wanted = focusWanted;
  focusWanted = false;
  return wanted;
}

/** Turns keys into actions, except while something is being typed. */
export function useShortcuts(onHelp: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (typing && event.key === "Escape") target.blur();
      if (typing || document.querySelector("dialog[open]")) return;
      // Enter on a button or link is that button's.
      if (event.key === "Enter" && target.closest("a, button")) return;
      if (event.key === "?") return onHelp();
      const view = viewKeys[event.key];
      if (view) return go({ view });
      const action = actions[event.key];
      const answered = action !== undefined && [...listeners].some((answer) => answer(action));
      if (action === "search" && !answered) {
        focusWanted = true;
        go({ view: "events" });
      }
      if (answered || action === "search") event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onHelp]);
}
