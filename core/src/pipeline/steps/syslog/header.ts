/** What a syslog line says before and in its message. What it does not say is undefined. */
export interface SyslogLine {
  priority?: number;
  /** RFC 3339. */
  time?: string;
  host?: string;
  program?: string;
  pid?: string;
  messageId?: string;
  /** Structured data as it is written, with its brackets. */
  data?: string;
  sequence?: string;
  message: string;
}

/** Matches a sticky expression at an offset. */
export function matchAt(regex: RegExp, text: string, at: number): RegExpExecArray | null {
  regex.lastIndex = at;
  return regex.exec(text);
}

/** True for the code of a decimal digit. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
