/** Types of query parameters that the API sends. */
export type ParamType =
  | "String"
  | "Int64"
  | "UInt64"
  | "UInt32"
  | "Float64"
  | "Array(String)"
  | "Array(Float64)";
export type ParamValue = string | number | readonly string[] | readonly number[];

/** Collects the values of a statement, so that none of them is ever part of its text. */
export class Binder {
  readonly params: Record<string, ParamValue> = {};
  #count = 0;

  /** Keeps the value and gives its placeholder, such as `{p0:String}`. */
  add(type: ParamType, value: ParamValue): string {
    const name = `p${this.#count++}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }

  text(value: string): string {
    return this.add("String", value);
  }
}

/** A name as ClickHouse reads it between backticks. Names come from the schema or from a checked path only. */
export const quoted = (name: string): string => `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
