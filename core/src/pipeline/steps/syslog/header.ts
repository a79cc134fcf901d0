import type { Moment, ZoneOffset } from "../../time/index.ts";

/** What a syslog line says before and in its message. What it does not say is undefined. */
export interface SyslogLine {
  priority?: number;
  time?: Moment;
  host?: string;
  program?: string;
  pid?: string;
  messageId?: string;
  /** Structured data as it is written, with its brackets. */
  data?: string;
  sequence?: string;
  message: string;
}

/** What a line without year or zone is read with. */
export interface Reading {
  /** When the line was read, ms since 1970. */
  readonly near: number;
  readonly zone: ZoneOffset;
}

/** Matches a sticky expression at an offset. */
export function matchAt(regex: RegExp, text: string, at: number): RegExpExecArray | null {
  regex.lastIndex = at;
  return regex.exec(text);
}
