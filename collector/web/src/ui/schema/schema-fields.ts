import type { JsonSchema } from "../../api/connection-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import type { FormField } from "../form/field.ts";

/** A field and where its value is in the settings. */
export interface SchemaField extends FormField {
  readonly steps: readonly string[];
  /** True where it is there only with one of several ways, and must be left out with the others. */
  readonly ofBranch: boolean;
  /** Where the object that it is in may be left out: the steps to it. Its defaults hold only once something of it is said. */
  readonly optional?: readonly string[];
}

interface Place {
  readonly steps: readonly string[];
  readonly value: unknown;
  readonly required: boolean;
  readonly group?: string;
  readonly visibleIf?: FormField["visibleIf"];
  readonly optional?: readonly string[];
}

/**
 * What a form asks for to fill a JSON Schema: objects become groups, a choice of objects that tell themselves apart by a
 * word becomes a select and the fields of each, lists of words one line each, and all else that is no single value JSON.
 */
export function schemaFields(schema: JsonSchema, settings: unknown): SchemaField[] {
  const fields = objectFields(schema, { steps: [], value: settings, required: true });
  const seen = new Map<string, number>();
  return fields.map((field) => {
    const count = seen.get(field.key) ?? 0;
    seen.set(field.key, count + 1);
    return count === 0 ? field : { ...field, key: `${field.key}#${count}` };
  });
}

/** The path of a field as the API writes it. */
export const pathOf = (steps: readonly string[]): string =>
  steps.map((step) => step.replaceAll(/[\\.*]/g, "\\$&")).join(".");

const at = (value: unknown, step: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? (value as Record<string, unknown>)[step]
    : undefined;

function objectFields(
  { properties = {}, required = [] }: JsonSchema,
  place: Place,
  but?: string,
): SchemaField[] {
  return Object.entries(properties).flatMap(([key, schema]) =>
    key === but
      ? []
      : fieldsOf(schema, {
          ...place,
          steps: [...place.steps, key],
          value: at(place.value, key),
          required: place.required && required.includes(key) && schema.default === undefined,
        }),
  );
}

function fieldsOf(schema: JsonSchema, place: Place): SchemaField[] {
  if (schema.vedette?.credential === "file") return [leaf(schema, place, "upload")];
  const ways = wordedWays(schema);
  if (ways) return wayFields(schema, ways, place);
  if (schema.type === "object" && schema.properties)
    return objectFields(schema, {
      ...{ ...place, group: groupOf(schema, place) },
      ...(place.required ? {} : { optional: place.steps }),
    });
  return [leaf(schema, place, typeOf(schema))];
}

const nameOf = ({ title, vedette }: JsonSchema, { steps }: Place): string =>
  title ??
  (vedette?.credential === undefined ? (steps.at(-1) ?? "") : tValue("credential", vedette.credential));

const groupOf = (schema: JsonSchema, place: Place): string =>
  [...(place.group === undefined ? [] : [place.group]), nameOf(schema, place)].join(" · ") +
  (place.required ? "" : ` (${t("form.optional")})`);

function typeOf({ type, enum: words, format, items, vedette }: JsonSchema): FormField["type"] {
  if (vedette?.secret) return "password";
  if (type === "boolean") return "boolean";
  if (type === "integer" || type === "number") return "number";
  if (words) return "select";
  if (type === "array" && items?.type === "string" && !items.enum && !items.vedette?.secret) return "lines";
  if (type === "string") return format === "uri" ? "url" : "text";
  return "json";
}

function leaf(schema: JsonSchema, place: Place, type: FormField["type"]): SchemaField {
  const { steps, value, required, group, visibleIf, optional } = place;
  const isSecret = schema.vedette?.secret === true || type === "upload";
  const isSet = type === "upload" ? value !== undefined : at(value, "set") === true;
  const isOptionalChoice = type === "select" && !required && schema.default === undefined;
  return {
    ...{ key: pathOf(steps), steps, type, required, secret: isSecret },
    label: type === "upload" ? nameOf(schema, place) : (schema.title ?? steps.at(-1) ?? ""),
    help: schema.description ?? "",
    default: schema.default,
    value: isSecret ? { set: isSet } : (value ?? schema.default),
    locked: false,
    stored: value !== undefined && schema.default !== undefined && value !== schema.default,
    ofBranch: visibleIf !== undefined,
    ...(group !== undefined && { group }),
    ...(visibleIf && { visibleIf }),
    ...(optional && { optional }),
    ...(schema.minimum !== undefined && { min: schema.minimum }),
    ...(schema.maximum !== undefined && { max: schema.maximum }),
    ...(schema.maxLength !== undefined && { maxLength: schema.maxLength }),
    ...(schema.vedette?.multiline && { multiline: true }),
    ...(type === "select" && {
      options: [
        ...(isOptionalChoice ? [{ value: "", label: t("form.none") }] : []),
        ...(schema.enum ?? []).map((word) => ({ value: word, label: word })),
      ],
    }),
  };
}

interface Way {
  readonly word: string;
  readonly schema: JsonSchema;
}

/** The ways of a choice and the property that tells them apart; undefined where there is none. */
function wordedWays({ oneOf, anyOf }: JsonSchema): { readonly by: string; readonly ways: Way[] } | undefined {
  const branches = oneOf ?? anyOf;
  const [first] = branches ?? [];
  const wordOf = (schema: JsonSchema, by: string) => schema.properties?.[by]?.const;
  const by = Object.keys(first?.properties ?? {}).find((key) =>
    branches?.every((branch) => typeof wordOf(branch, key) === "string"),
  );
  if (branches === undefined || by === undefined) return undefined;
  return { by, ways: branches.map((schema) => ({ word: String(wordOf(schema, by)), schema })) };
}

function wayFields(
  schema: JsonSchema,
  { by, ways }: { by: string; ways: Way[] },
  place: Place,
): SchemaField[] {
  const group = groupOf(schema, place);
  const steps = [...place.steps, by];
  const words: JsonSchema = { title: by, enum: ways.map(({ word }) => word) };
  const choice = leaf(words, { ...place, steps, group, value: at(place.value, by) }, "select");
  const first = choice.required ? ways[0]?.word : "";
  return [
    { ...choice, value: choice.value ?? first },
    ...ways.flatMap((way) =>
      objectFields(
        way.schema,
        { ...place, group, required: true, visibleIf: { key: choice.key, is: way.word } },
        by,
      ),
    ),
  ];
}
