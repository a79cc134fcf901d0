import { useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { type FormField, isSet } from "./field.ts";

export interface ControlProps {
  readonly field: FormField;
  readonly value: unknown;
  /** True where the stored secret is to be taken away. */
  readonly cleared: boolean;
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: boolean;
  readonly onChange: (value: unknown) => void;
}

/** What all inputs say to those who cannot see them. */
const common = ({ id, describedBy, invalid, field }: ControlProps) => ({
  id,
  name: field.key,
  disabled: field.locked,
  "aria-invalid": invalid,
  "aria-describedby": describedBy,
  "aria-required": field.required === true,
});

/** The input for one field, by its type. */
export function Control(props: ControlProps) {
  const { field } = props;
  if (field.type === "boolean") return <Switch {...props} />;
  if (field.type === "select") return <Select {...props} />;
  if (field.type === "number") return <NumberInput {...props} />;
  if (field.type === "json") return <JsonInput {...props} />;
  if (field.type === "lines") return <Lines {...props} />;
  if (field.type === "upload") return <Upload {...props} />;
  return field.multiline ? <Paragraph {...props} /> : <Line {...props} />;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What stands in an empty secret: whether one is stored. */
const secretHint = ({ field, cleared }: ControlProps): string | undefined =>
  field.secret ? (isSet(field) && !cleared ? t("form.secretSet") : t("form.secretNone")) : undefined;

function Line(props: ControlProps) {
  const { field, value, onChange } = props;
  return (
    <input
      {...common(props)}
      type={(field.secret ? "password" : "text") as "text"}
      inputMode={field.type === "url" ? "url" : "text"}
      class={field.type === "file" || field.type === "url" ? "input mono" : "input"}
      value={text(value)}
      placeholder={secretHint(props)}
      autocomplete={field.secret ? "new-password" : "off"}
      spellcheck={false}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Paragraph(props: ControlProps) {
  const { value, onChange } = props;
  return (
    <textarea
      {...common(props)}
      class="input mono"
      rows={4}
      value={text(value)}
      placeholder={secretHint(props)}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Keeps what is typed as it was typed, also while it is no number: the form gets the text then. */
function NumberInput(props: ControlProps) {
  const { value, field, onChange } = props;
  const [typed, setTyped] = useState<string>();
  const shown = value === undefined || value === null ? "" : String(value);
  return (
    <input
      {...common(props)}
      type="text"
      inputMode={field.min !== undefined && field.min >= 0 ? "decimal" : "text"}
      class="input input-number"
      value={typed !== undefined && numberOf(typed) === value ? typed : shown}
      autocomplete="off"
      onInput={(event) => {
        setTyped(event.currentTarget.value);
        onChange(numberOf(event.currentTarget.value));
      }}
    />
  );
}

/** The number that a text says; undefined of nothing, the text where it says none. */
function numberOf(typed: string): number | string | undefined {
  const text = typed.trim();
  return text === "" ? undefined : Number.isFinite(Number(text)) ? Number(text) : text;
}

const Switch = (props: ControlProps) => (
  <input
    {...common(props)}
    type="checkbox"
    class="switch"
    checked={props.value === true}
    onChange={(event) => props.onChange(event.currentTarget.checked)}
  />
);

const Select = (props: ControlProps) => (
  <select
    {...common(props)}
    class="input"
    value={text(props.value)}
    onChange={(event) => props.onChange(event.currentTarget.value)}
  >
    {props.field.options?.map(({ value, label }) => (
      <option key={value} value={value} selected={value === props.value}>
        {label}
      </option>
    ))}
  </select>
);

const Lines = (props: ControlProps) => (
  <textarea
    {...common(props)}
    class="input mono"
    rows={3}
    value={Array.isArray(props.value) ? props.value.join("\n") : ""}
    spellcheck={false}
    onInput={(event) => {
      const typed = event.currentTarget.value;
      props.onChange(typed === "" ? [] : typed.split("\n"));
    }}
  />
);

/** Anything without a form of its own, as JSON. */
function JsonInput(props: ControlProps) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState<string>();
  const shown = value === undefined ? "" : JSON.stringify(value, undefined, 2);
  return (
    <textarea
      {...common(props)}
      class="input mono"
      rows={5}
      value={value instanceof SyntaxError ? typed : typed !== undefined && same(typed, shown) ? typed : shown}
      spellcheck={false}
      onInput={(event) => {
        setTyped(event.currentTarget.value);
        onChange(parsed(event.currentTarget.value));
      }}
    />
  );
}

function parsed(typed: string): unknown {
  if (typed.trim() === "") return undefined;
  try {
    return JSON.parse(typed);
  } catch (error) {
    return error;
  }
}

/** True where two texts say the same as JSON. */
const same = (a: string, b: string): boolean => JSON.stringify(parsed(a)) === JSON.stringify(parsed(b));

/** Reads a file of the reader's own machine; its content is sent with the form. */
function Upload(props: ControlProps) {
  const { field, onChange } = props;
  const name = (props.value as { filename?: string } | undefined)?.filename;
  return (
    <>
      <input
        {...common(props)}
        type="file"
        class="input"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) void base64(file).then((content) => onChange({ filename: file.name, content }));
        }}
      />
      <span class="muted">
        {name ?? (isSet(field) && !props.cleared ? t("form.fileSet") : t("form.fileNone"))}
      </span>
    </>
  );
}

async function base64(file: File): Promise<string> {
  let binary = "";
  for (const byte of new Uint8Array(await file.arrayBuffer())) binary += String.fromCharCode(byte);
  return btoa(binary);
}
