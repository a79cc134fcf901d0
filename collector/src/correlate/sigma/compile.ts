import { checkConfig, locate, type Source } from "@vedette/core/config";
import { tacticOf, techniquesOf } from "../attack.ts";
import type { Correlation, Member, ValueAt } from "../windows/index.ts";
import { type Faults, Names, type Referable, type Target } from "./link.ts";
import { questionOf, rulesIn } from "./question.ts";
import { type CorrelationFile, correlationFile, timespanOf } from "./schema.ts";

interface Read {
  readonly source: Source;
  readonly file: CorrelationFile;
  readonly id: string;
}

/** A correlation, and what links it to others. */
export interface Compiled {
  readonly source: Source;
  readonly correlation: Omit<Correlation, "raises" | "cluster">;
  readonly names: readonly string[];
  /** Whether what it looks at raises alerts of its own. */
  readonly generates: boolean;
}

const severityOf = (level: CorrelationFile["level"]): string => (level === "informational" ? "info" : level);

/** Makes Sigma correlations of documents; what they name are these rules and each other. Faults go into the report. */
export function compileSigmaCorrelations(
  sources: readonly Source[],
  rules: readonly Referable[],
  idOf: (title: string) => string,
  report: Faults & { readonly problems: { push(...problems: unknown[]): unknown } },
): Compiled[] {
  const files: Read[] = [];
  for (const source of sources) {
    const checked = checkConfig(correlationFile, source);
    if (!checked.ok) report.problems.push(...checked.problems);
    else if (!checked.value.vedette.disabled)
      files.push({ source, file: checked.value, id: checked.value.id ?? idOf(checked.value.title) });
  }
  const names = new Names();
  const groups = new Map<string, readonly string[]>();
  for (const { id, names: own, pathsOf = (field: string) => [field], correlation } of rules) {
    names.add([id, ...own], { id, isCorrelation: correlation !== undefined, pathsOf });
    if (correlation) groups.set(id, correlation.groupBy);
  }
  for (const { id, file } of files) groups.set(id, file.correlation["group-by"]);
  for (const { id, file } of files) {
    names.add([id, ...(file.name === undefined ? [] : [file.name])], {
      id,
      isCorrelation: true,
      pathsOf: (field) => [field],
    });
  }
  return files.flatMap((read) => compileOne(read, names, groups, report) ?? []);
}

function compileOne(
  { source, file, id }: Read,
  names: Names,
  groups: ReadonlyMap<string, readonly string[]>,
  report: Faults,
): Compiled | undefined {
  let sound = true;
  const fault = (path: readonly PropertyKey[], message: string, suggestion?: string): void => {
    sound = false;
    report.fault(source, ["correlation", ...path], message, suggestion);
  };
  const { correlation: section } = file;
  const written = rulesIn(section, fault);
  const targets = written.map((name, at) => {
    const found = names.find(name);
    if ("id" in found) return found;
    fault(section.rules.length > 0 ? ["rules", at] : ["condition"], found.message, found.suggestion);
    return undefined;
  });
  checkAliases(file, written, fault);
  const question = questionOf(section, written, fault);
  const fields = new Fields(file, written, groups, fault);
  const measured = typeof section.condition === "object" ? (section.condition.field ?? []) : [];
  const members: Member[] = [];
  for (const [at, target] of targets.entries()) {
    if (!target) continue;
    const group = section["group-by"].map((name, index) => fields.at(name, at, target, ["group-by", index]));
    const values = measured.map((name) => fields.at(name, at, target, ["condition", "field"]));
    members.push({
      ref: target.id,
      label: written[at]!,
      isCorrelation: target.isCorrelation,
      group,
      fields: values,
    });
  }
  if (!sound || !question) return undefined;
  return {
    source,
    names: [...new Set([id, ...(file.name === undefined ? [] : [file.name])])],
    generates: section.generate || file.generate,
    correlation: {
      template: {
        id,
        name: file.title,
        description: file.description,
        category: tacticOf(file.tags) ?? "",
        technique: techniquesOf(file.tags),
        references: file.references,
        tags: file.tags,
        falsePositives: file.falsepositives,
        adversary: file.vedette.adversary,
        impact: { confidentiality: 0, integrity: 0, availability: 0 },
        severity: severityOf(file.level),
        deduplicateBy: [],
        groupBy: [],
      },
      members,
      groupBy: section["group-by"],
      timespanMs: timespanOf(section.timespan)!,
      question,
      place: { file: source.file, line: locate(source, []).line },
    },
  };
}

type Fault = (path: readonly PropertyKey[], message: string, suggestion?: string) => void;

function checkAliases(
  { correlation: { aliases, ...section } }: CorrelationFile,
  written: readonly string[],
  fault: Fault,
): void {
  const field = typeof section.condition === "object" ? (section.condition.field ?? []) : [];
  for (const [alias, byRule] of Object.entries(aliases)) {
    for (const rule of Object.keys(byRule)) {
      if (written.includes(rule)) continue;
      fault(
        ["aliases", alias, rule],
        `"${rule}" is none of the rules of this correlation.`,
        `They are ${written.join(", ")}.`,
      );
    }
    if (![...section["group-by"], ...field].includes(alias))
      fault(
        ["aliases", alias],
        `The alias "${alias}" is not used.`,
        'Name it in "group-by" or as the field of the condition.',
      );
  }
}

/** Finds where the fields of a correlation are in what its members find. */
class Fields {
  readonly #file: CorrelationFile;
  readonly #written: readonly string[];
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  readonly #fault: Fault;

  constructor(
    file: CorrelationFile,
    written: readonly string[],
    groups: ReadonlyMap<string, readonly string[]>,
    fault: Fault,
  ) {
    this.#file = file;
    this.#written = written;
    this.#groups = groups;
    this.#fault = fault;
  }

  at(name: string, member: number, target: Target, path: readonly PropertyKey[]): ValueAt {
    const alias = this.#file.correlation.aliases[name];
    const rule = this.#written[member]!;
    const field = alias ? alias[rule] : name;
    if (field === undefined) {
      this.#fault(path, `The alias "${name}" names no field of "${rule}".`, `Add "${rule}: <field>" to it.`);
      return name;
    }
    // What a correlation is grouped by is asked of its group; all else of the event that completed it.
    const inner = target.isCorrelation ? (this.#groups.get(target.id)?.indexOf(field) ?? -1) : -1;
    if (inner >= 0) return inner;
    const paths = target.pathsOf(field);
    return paths.length === 1 ? paths[0]! : paths;
  }
}
