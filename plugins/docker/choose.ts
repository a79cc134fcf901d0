import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Container } from "./engine.ts";
import type { Settings } from "./settings.ts";

/** Decides which containers are followed. */
export function chooser(settings: Settings, own: string | undefined): (container: Container) => boolean {
  const names = [settings.includeNames, settings.excludeNames].map(matcher);
  const images = [settings.includeImages, settings.excludeImages].map(matcher);
  return ({ id, name, image, labels }) => {
    if (settings.excludeSelf && own !== undefined && id.startsWith(own)) return false;
    const labelled = (wanted: readonly string[]): boolean =>
      wanted.some((label) => {
        const at = label.indexOf("=");
        return at < 0 ? Object.hasOwn(labels, label) : labels[label.slice(0, at)] === label.slice(at + 1);
      });
    return (
      (settings.includeNames.length === 0 || names[0]?.(name) === true) &&
      names[1]?.(name) !== true &&
      (settings.includeImages.length === 0 || images[0]?.(image) === true) &&
      images[1]?.(image) !== true &&
      (settings.includeLabels.length === 0 || labelled(settings.includeLabels)) &&
      !labelled(settings.excludeLabels)
    );
  };
}

/** Matches texts against patterns in which * stands for any text. Every step is linear: parts are looked for in order. */
function matcher(patterns: readonly string[]): (text: string) => boolean {
  const parts = patterns.map((pattern) => pattern.split("*"));
  return (text) => parts.some((each) => matches(text, each));
}

function matches(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The id of the container that this process runs in, as far as it can be told; undefined outside of one. */
export function ownContainer(): string | undefined {
  try {
    const found = /\/containers\/([0-9a-f]{64})\//.exec(readFileSync("/proc/self/mountinfo", "utf8"));
    if (found) return found[1];
  } catch {
    // No such file on this system.
  }
  return /^[0-9a-f]{12}$/.test(hostname()) ? hostname() : undefined;
}
