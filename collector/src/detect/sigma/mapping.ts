import { eventFields } from "@vedette/sdk";
import type { Fields } from "./item.ts";
import type { MappingFile, Scope } from "./mapping-schema.ts";
import type { Logsource } from "./schema.ts";

/** Where the events of a rule are, and what else must hold of them. */
export interface Route {
  readonly dataTypes: readonly string[];
  /** Written as in a detection. */
  readonly add: unknown;
}

const fits = (scope: Scope, source: Logsource): boolean =>
  (["product", "category", "service"] as const).every((key) => {
    const wanted = scope[key];
    return wanted === undefined || wanted.some((each) => each.toLowerCase() === source[key]?.toLowerCase());
  });

const known: ReadonlySet<string> = new Set(eventFields.map(({ path }) => path));
const own = /^(log|compliance)\./;

/** Mappings, the first asked first. */
export class Mappings {
  readonly #files: readonly MappingFile[];

  constructor(files: readonly MappingFile[]) {
    this.#files = [...files].sort((a, b) => a.priority - b.priority);
  }

  /** Where the events of a log source are; undefined where no mapping says. */
  route(source: Logsource): Route | undefined {
    for (const { logsources } of this.#files) {
      const found = logsources.find(({ when }) => fits(when, source));
      if (found) return { dataTypes: found.dataTypes, add: found.add };
    }
    return undefined;
  }

  /** How the fields of a rule of a log source are read. */
  fields(source: Logsource): Fields {
    const scoped = this.#files.map(({ fields, values, keywords }) => ({
      fields: fields.filter(({ when }) => fits(when, source)),
      values: values.filter(({ when }) => fits(when, source)),
      keywords: keywords.filter(({ when }) => fits(when, source)),
    }));
    const placeholders = this.#files.map((file) => file.placeholders);
    return {
      paths: (field) => {
        for (const { fields } of scoped) {
          for (const { map } of fields) if (Object.hasOwn(map, field)) return map[field]!;
        }
        if (known.has(field) || own.test(field)) return [field];
        for (const { fields } of scoped) {
          const found = fields.find(({ otherwise }) => otherwise !== undefined);
          if (found) return found.otherwise!.map((each) => each.replaceAll("{field}", () => field));
        }
        return [`log.${field}`];
      },
      keywords: scoped.flatMap((each) => each.keywords)[0]?.paths ?? ["raw"],
      value: (field, value) => {
        for (const { values } of scoped) {
          for (const { field: of, map } of values) {
            if (of === field && Object.hasOwn(map, String(value))) return [map[String(value)]];
          }
        }
        return [value];
      },
      placeholder: (name) => placeholders.find((each) => Object.hasOwn(each, name))?.[name],
    };
  }
}

/** Stands between the values of an event that is not ours in its `raw`: ASCII's record separator. */
export const valueSeparator = "\u001e";

/** For events that are not ours: each field is where its name says, whatever the log source is. */
export class PlainMappings extends Mappings {
  override route(source: Logsource): Route {
    return { dataTypes: ["*"], add: super.route(source)?.add };
  }

  override fields(source: Logsource): Fields {
    const { placeholder } = super.fields(source);
    return {
      paths: (field) => {
        if (own.test(field)) return [field];
        return known.has(field) ? [field, `log.${field}`] : [`log.${field}`];
      },
      keywords: ["raw"],
      keywordSeparator: valueSeparator,
      value: (_field, value) => [value],
      placeholder,
    };
  }
}
