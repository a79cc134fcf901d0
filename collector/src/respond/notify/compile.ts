import type { Severity } from "@vedette/sdk";
import { Lru } from "../../bounded/index.ts";
import type { NotificationRule } from "../../config/index.ts";
import { parseTemplate, type Template } from "../../config/index.ts";
import { matchesType } from "../../plugin-host/index.ts";
import { rankOf, type Subject } from "./subject.ts";

/** A rule ready to be asked. */
export interface CompiledRule extends NotificationRule {
  readonly titleTemplate: Template | undefined;
  readonly textTemplate: Template | undefined;
  /** Whether an event type can match at all; asked before an event is made of a row. */
  wantsType(type: string): boolean;
  /** Whether it is about anything of this severity. */
  isWorth(severity: Severity): boolean;
  /** Whether it is about this, without its threshold. */
  matches(subject: Subject): boolean;
  /** Counts it; true where it is one more than the threshold lets pass. `now` in milliseconds since 1970. */
  passes(subject: Subject, now: number): boolean;
  /** What is one kind of news. */
  groupOf(subject: Subject): string;
}

const mostCounted = 10_000;
const mostGroup = 300;

export function compileRule(rule: NotificationRule): CompiledRule {
  const { match } = rule;
  const type = anyOf(match.type);
  const name = anyOf(match.name?.map((pattern) => pattern.toLowerCase()));
  const id = anyOf(match.rule);
  const dataType = anyOf(match.dataType);
  const asset = anyOf(match.asset?.map((pattern) => pattern.toLowerCase()));
  const least = rankOf(match.minSeverity);
  return {
    ...rule,
    titleTemplate: rule.title === undefined ? undefined : parseTemplate(rule.title),
    textTemplate: rule.text === undefined ? undefined : parseTemplate(rule.text),
    wantsType: type,
    isWorth: (severity) => rankOf(severity) >= least,
    matches: (subject) =>
      rule.enabled &&
      rule.on === subject.about &&
      rankOf(subject.severity) >= least &&
      type(subject.type) &&
      name(subject.name.toLowerCase()) &&
      id(subject.rule) &&
      dataType(subject.dataType) &&
      (match.country === undefined || subject.countries.some((each) => match.country?.includes(each))) &&
      (match.asset === undefined || subject.assets.some((each) => asset(each.toLowerCase()))),
    passes: counter(rule.threshold),
    groupOf: (subject) => {
      const values = rule.groupBy.map((path) => String(subject.value(path) ?? "").slice(0, mostGroup));
      return JSON.stringify([subject.about, ...values]);
    },
  };
}

const anyOf =
  (patterns: readonly string[] | undefined) =>
  (text: string): boolean =>
    matchesType(patterns, text);

function counter(threshold: NotificationRule["threshold"]): CompiledRule["passes"] {
  if (threshold === undefined) return () => true;
  const { count, within, per } = threshold;
  const seen = new Lru<string, number[]>(mostCounted);
  return (subject, now) => {
    const key = String(subject.value(per) ?? "").slice(0, mostGroup);
    const times = (seen.get(key) ?? []).filter((at) => now - at < within);
    times.push(now);
    if (times.length < count) {
      seen.set(key, times);
      return false;
    }
    // The next one begins to count anew.
    seen.set(key, []);
    return true;
  };
}
