import { didYouMean, nearest } from "../../config/index.ts";

/** Named regular expressions, usable as `{{.name}}`. */
export type Patterns = Readonly<Record<string, string>>;

/** How deep patterns may use other patterns. */
export const MAX_LEVELS = 10;
/** Longest regular expression after expansion, in characters. */
export const MAX_PATTERN = 16_384;

/** A regular expression that cannot be used, with the reason as a sentence. */
export class PatternError extends Error {
  readonly suggestion: string | undefined;
  constructor(message: string, suggestion?: string) {
    super(message);
    this.name = "PatternError";
    this.suggestion = suggestion;
  }
}

/** How Logstash writes a named pattern. In a regular expression it would match itself, letter by letter. */
const LOGSTASH = /%\{([A-Z][A-Z0-9_]*)(?::[^}]*)?\}/;

function refuseLogstash(source: string, patterns: Patterns): void {
  const found = LOGSTASH.exec(source);
  if (!found) return;
  const known = nearest(found[1]!, Object.keys(patterns));
  throw new PatternError(
    `"${found[0]}" is how Logstash writes a named pattern, not the EventProcessor.`,
    known === undefined ? "A named pattern is written {{.name}}." : `Write "{{.${known}}}".`,
  );
}

const TEMPLATE = /\{\{-?\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}/g;

/** Replaces each `{{.name}}` by the pattern of that name, up to ten levels deep. Throws PatternError. */
export function expandPatterns(source: string, patterns: Patterns): string {
  const expand = (text: string, trail: readonly string[]): string =>
    text.replace(TEMPLATE, (_whole, name: string) => {
      const pattern = Object.hasOwn(patterns, name) ? patterns[name] : undefined;
      if (pattern === undefined) {
        const names = Object.keys(patterns);
        const known = names.length > 0 ? `Known: ${names.slice(0, 40).join(", ")}.` : undefined;
        throw new PatternError(`Unknown pattern "{{.${name}}}".`, didYouMean(name, names) ?? known);
      }
      if (trail.includes(name))
        throw new PatternError(`The pattern "${name}" uses itself: ${[...trail, name].join(" → ")}.`);
      if (trail.length >= MAX_LEVELS)
        throw new PatternError(`Patterns are nested deeper than ${MAX_LEVELS} levels.`);
      const expanded = expand(pattern, [...trail, name]);
      if (expanded.length > MAX_PATTERN)
        throw new PatternError(`The pattern "${name}" expands to more than ${MAX_PATTERN} characters.`);
      return expanded;
    });
  refuseLogstash(source, patterns);
  const expanded = expand(source, []);
  if (expanded.length > MAX_PATTERN) {
    throw new PatternError(`The regular expression expands to more than ${MAX_PATTERN} characters.`);
  }
  return expanded;
}
