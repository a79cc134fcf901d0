import { hash } from "node:crypto";
import { type Notice, type Piece, plainValue, type Severity } from "@vedette/sdk";
import { fillTemplate } from "../../config/index.ts";
import type { CompiledRule } from "./compile.ts";
import type { Subject } from "./subject.ts";
import { type Hits, rankedGroups, severityOfState, totalOf, type WindowState } from "./window.ts";

/** What a rule says of one alert, event or incident. */
export function describe(
  rule: CompiledRule,
  subject: Subject,
  pageUrl: string | undefined,
): Pick<Hits, "title" | "lines" | "link"> {
  const { titleTemplate, textTemplate } = rule;
  const title = titleTemplate
    ? fillTemplate(titleTemplate, subject.value).flat()
    : [`${subject.severity}: `, { value: plainValue(subject.name || subject.type || subject.about) }];
  const lines = textTemplate ? fillTemplate(textTemplate, subject.value) : usualLines(subject);
  const link = linkTo(pageUrl, subject);
  return { title, lines, ...(link === undefined ? {} : { link }) };
}

const usual: readonly (readonly [string, string])[] = [
  ["Source", "source"],
  ["Country", "country"],
  ["Target", "target"],
  ["User", "user"],
  ["Host", "host"],
  ["Technique", "technique"],
  ["Path", "origin.path"],
  ["Time", "at"],
];

const usualLines = (subject: Subject): Piece[][] =>
  usual.flatMap(([label, path]) => {
    const value = plainValue(subject.value(path) ?? "");
    return value === "" ? [] : [[`${label}: `, { value }]];
  });

function linkTo(pageUrl: string | undefined, { about, id }: Subject): string | undefined {
  if (pageUrl === undefined || about !== "alert") return undefined;
  return `${pageUrl.replace(/\/+$/, "")}/alerts?id=${encodeURIComponent(id)}`;
}

/** A notice of what came first of its kind. */
export function noticeOfOne(rule: CompiledRule, hits: Hits, now: number): Omit<Notice, "id"> {
  const more: Piece[][] = hits.count > 1 ? [[`${hits.count} of this kind so far.`]] : [];
  return {
    ...{ at: iso(now), severity: hits.severity, about: hits.about, count: hits.count, title: hits.title },
    lines: [...hits.lines, ...more, [`Rule: ${rule.name}`]],
    ...(hits.link === undefined ? {} : { link: hits.link }),
  };
}

const mostListed = 10;

/** A notice of all that was gathered: how many, of which kinds, the worst first. */
export function noticeOfDigest(
  rule: CompiledRule,
  state: WindowState,
  now: number,
  pageUrl: string | undefined,
): Omit<Notice, "id"> {
  const total = totalOf(state);
  const groups = rankedGroups(state);
  const severity: Severity = severityOfState(state);
  const first = groups.reduce((least, each) => Math.min(least, each.first), now);
  const minutes = Math.max(1, Math.round((now - Math.max(first, state.opened)) / 60_000));
  const listed = groups
    .slice(0, mostListed)
    .map(({ count, last, title }): Piece[] => [...[`${numeral(count)} × `, ...title, `, last ${iso(last)}`]]);
  const left = total - groups.slice(0, mostListed).reduce((sum, { count }) => sum + count, 0);
  const what = total === 1 ? state.about : `${state.about}s`;
  return {
    ...{ at: iso(now), severity, about: "digest", count: total },
    title: [`${severity}: ${numeral(total)} ${what} in ${minutes} min`],
    lines: [
      ...listed,
      ...(left > 0 ? [[`… and ${numeral(left)} more of ${kindsLeft(state, groups.length)}`]] : []),
      [`Rule: ${rule.name}`],
    ],
    ...(pageUrl === undefined ? {} : { link: pageUrl }),
  };
}

const kindsLeft = ({ others }: WindowState, groups: number): string => {
  const known = Math.max(0, groups - mostListed);
  if (others > 0) return "further kinds";
  return known === 1 ? "1 further kind" : `${known} further kinds`;
};

/** A notice that a person asks for to see whether a channel works. */
export const testNotice = (channel: string, now: number): Omit<Notice, "id"> => ({
  ...{ at: iso(now), severity: "info", about: "test", count: 1 },
  title: ["Vedette: test notification"],
  lines: [["It came over the channel ", { value: plainValue(channel) }, "."]],
});

/** An id that is the same for the same news over the same channel. */
export const noticeId = (...parts: readonly string[]): string =>
  hash("sha256", parts.join("\n")).slice(0, 32);

const iso = (ms: number): string => new Date(ms).toISOString();
const numeral = (count: number): string => count.toLocaleString("en-US");
