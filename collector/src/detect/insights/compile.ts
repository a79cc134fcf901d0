import { locate, type Source } from "@vedette/core/config";
import type { Doc } from "@vedette/core/pipeline";
import { type Correlation, tacticOf, techniquesOf } from "../../correlate/index.ts";
import type { Condition } from "../condition.ts";
import { ruleOf } from "../correlation-rule.ts";
import { digestOf } from "../digest.ts";
import { allOf, type Leaf } from "../filter.ts";
import type { Rule } from "../rule.ts";
import type { InsightRule } from "./schema.ts";

const typePath = "eventType";
const pathPath = "target.path";
const ipPath = "origin.ip";

/** A test for texts with `*` for any text: each part is looked for once, left to right. */
function wildcard(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const first = parts[0]!;
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1)!;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
      return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > text.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
}

function leavesOf({ event_types, path_contains_any, group_by }: InsightRule): Leaf[] {
  const leaves: Leaf[] = [];
  if (event_types) {
    const tests = event_types.map(wildcard);
    leaves.push({
      path: typePath,
      name: `${typePath} is one of ${JSON.stringify(event_types)}`,
      test: (value) => typeof value === "string" && tests.some((test) => test(value)),
    });
  }
  if (path_contains_any) {
    const wanted = path_contains_any.map((each) => each.toLowerCase());
    leaves.push({
      path: pathPath,
      name: `${pathPath} contains one of ${JSON.stringify(wanted)}`,
      test: (value) => {
        if (typeof value !== "string") return false;
        const path = value.toLowerCase();
        return wanted.some((each) => path.includes(each));
      },
    });
  }
  const grouped = group_by === "ip" ? ipPath : pathPath;
  const presence = { path: grouped, name: `present ${grouped}`, presence: true } as const;
  return [...leaves, { ...presence, test: (value) => value !== undefined }];
}

/** The events of an insight rule and the correlation that counts them, as two rules. */
export function compileInsight(source: Source, index: number, rule: InsightRule): Rule[] {
  const leaves = leavesOf(rule);
  const condition: Condition = {
    paths: leaves.map(({ path }) => path),
    filter: allOf(leaves),
    test: (doc: Doc) => leaves.every(({ path, test }) => test(doc.get(path))),
    explain: (doc: Doc) => {
      const parts = leaves.map(({ path, name, test }) => {
        const value = doc.get(path);
        return { said: name, held: test(value), values: [value === undefined ? { path } : { path, value }] };
      });
      return { said: "all of", held: parts.every(({ held }) => held), parts };
    },
  };
  const { file } = source;
  const digest = digestOf(rule);
  const place = { file, line: locate(source, ["rules", index]).line };
  const tags = [...rule.tags, `confidence.${Math.round(rule.confidence * 100)}`];
  const template = {
    id: rule.id,
    name: rule.title,
    description: rule.description,
    category: tacticOf(rule.tags) ?? "Insight",
    technique: techniquesOf(rule.tags),
    references: [],
    tags,
    falsePositives: [],
    adversary: "origin",
    impact: { confidentiality: 0, integrity: 0, availability: 0 },
    severity: rule.level,
    deduplicateBy: [],
    groupBy: [],
  } as const;
  const eventsId = `${rule.id}#events`;
  const grouped = rule.group_by === "ip" ? ipPath : pathPath;
  const many = rule.min_distinct_ips > 1;
  const correlation: Correlation = {
    template,
    members: [{ ref: eventsId, label: rule.title, isCorrelation: false, group: [grouped], fields: [ipPath] }],
    groupBy: [grouped],
    timespanMs: rule.window_minutes * 60_000,
    question: {
      kind: "measure",
      of: many ? "text" : "nothing",
      measures: [
        { kind: "count", bounds: { gte: rule.threshold } },
        ...(many ? [{ kind: "distinct", bounds: { gte: rule.min_distinct_ips } } as const] : []),
      ],
      shape: { kind: "sliding" },
    },
    raises: true,
    cooldownBy: ipPath,
    cluster: rule.id,
    place,
  };
  const events: Rule = {
    ...template,
    id: eventsId,
    name: `${rule.title} (events)`,
    language: "insight",
    names: [eventsId],
    dataTypes: ["*"],
    where: condition,
    afterEvents: [],
    silent: true,
    digest,
    place,
  };
  return [events, ruleOf(correlation, [rule.id], "insight", digest)];
}
