import type { FileInputConfig } from "./file-input.ts";

/** An input that a plugin opens: the keys every input has, and that plugin's own, which its schema has checked. */
export interface PluginInputConfig {
  readonly type: string;
  readonly id?: string | undefined;
  readonly dataType: string;
  readonly dataSource?: string | undefined;
}
export type InputConfig = FileInputConfig | PluginInputConfig;

/** Whether an input is the built-in one for files; all others are a plugin's. */
export const isFileInput = (input: InputConfig): input is FileInputConfig => input.type === "file";

/** What a plugin's own schema has checked: an input without the keys that every input has. */
export function pluginSettings(input: InputConfig): Readonly<Record<string, unknown>> {
  const { type: _type, id: _id, dataType: _dataType, dataSource: _dataSource, ...settings } = input;
  return settings;
}
