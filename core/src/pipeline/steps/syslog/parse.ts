import { isDigit, matchAt, type SyslogLine } from "./header.ts";
import type { ReadStamp } from "./stamp.ts";
import { endOfStructuredData } from "./structured.ts";

// Octet counting of RFC 6587, where a receiver left it in the line.
const COUNT = /\d{1,7} (?=<\d{1,3}>)/y;
const PRIORITY = /<(\d{1,3})>/y;
const VERSION = /[1-9]\d? (?=- |\d{4}-\d{2}-\d{2}T)/y;
const SEQUENCE = /(\d{1,10}): /y;
// Cisco's `logging origin-id`, and the lines of several vendors that put the host before the time.
const ORIGIN = /([^\s:]{1,255}|[\dA-Fa-f:.]{2,45}): (?=[*.]?(?:\d{4} )?(?:[A-Z][a-z]{2} |\d{4}-))/y;
const MNEMONIC = /%([A-Z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+){1,5}):(?: |$)/y;
const TAG = /([^\s[\]:]{1,128})(?:\[([^\s[\]]{1,128})\](?:: ?| |$)|:(?: |$))/y;
// How long a Cisco device is up, in place of a time.
const UPTIME = /(?:\d{1,5}[ywdhm]){1,4}: (?=%)|\d{2}:\d{2}:\d{2}: (?=%)/y;
const HOST = /(\S{1,255})(?: : (?=%)| {1,4}|$)/y;

const MAX_PRIORITY = 191;

/** One word of an RFC 5424 header and what follows it. Bounded by the longest that the format allows. */
function word(text: string, at: number): { readonly value: string | undefined; readonly end: number } {
  const space = text.indexOf(" ", at);
  const end = space < 0 ? text.length : space;
  const value = text.slice(at, Math.min(end, at + 255));
  return { value: value === "-" || value === "" ? undefined : value, end: Math.min(text.length, end + 1) };
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The header of RFC 5424 behind its version; undefined when its time is none. A header that is cut gives what it has. */
function parse5424(
  text: string,
  start: number,
  line: SyslogLine,
  read: string,
  readStamp: ReadStamp,
): SyslogLine | undefined {
  let at = start;
  if (text.startsWith("- ", at)) at += 2;
  else {
    const stamp = readStamp(text, at, read);
    if (!stamp || (text[stamp.end] ?? " ") !== " ") return undefined;
    line.time = stamp.time;
    at = Math.min(text.length, stamp.end + 1);
  }
  for (const key of ["host", "program", "pid", "messageId"] as const) {
    const { value, end } = word(text, at);
    if (value !== undefined) line[key] = value;
    at = end;
  }
  const end = endOfStructuredData(text, at);
  if (end >= 0) {
    if (text[at] === "[") line.data = text.slice(at, end);
    at = Math.min(text.length, end + 1);
  }
  line.message = withoutMark(text.slice(at));
  return line;
}

/** Program, process or Cisco's mnemonic at the start of a message, and the message behind it. */
function parseTag(text: string, at: number, line: SyslogLine): SyslogLine {
  const mnemonic = text[at] === "%" ? matchAt(MNEMONIC, text, at) : null;
  const tag = mnemonic ? null : matchAt(TAG, text, at);
  if (mnemonic) line.messageId = mnemonic[1]!;
  if (tag) {
    line.program = tag[1]!;
    if (tag[2] !== undefined) line.pid = tag[2];
  }
  line.message = withoutMark(text.slice(at + ((mnemonic ?? tag)?.[0].length ?? 0)));
  return line;
}

/** What follows the time in a line of RFC 3164: host and tag, or a tag alone where the host is known or left out. */
function parseBehindTime(text: string, start: number, line: SyslogLine): SyslogLine {
  let at = start;
  // Cisco devices end their time with a colon, and name no host behind it.
  if (text[at] === ":") return parseTag(text, text[at + 1] === " " ? at + 2 : at + 1, line);
  while (text[at] === " ") at++;
  if (line.host !== undefined || text[at] === "%" || matchAt(TAG, text, at)) return parseTag(text, at, line);
  const host = matchAt(HOST, text, at);
  if (!host) return parseTag(text, at, line);
  line.host = host[1]!;
  return parseTag(text, at + host[0].length, line);
}

/**
 * Reads a syslog line: RFC 5424, RFC 3164 with or without priority, year, fraction, zone or host, ISO times as rsyslog
 * writes them to files, Cisco's sequence numbers and marks. Undefined when it has neither priority nor time.
 */
export function parseSyslog(text: string, read: string, readStamp: ReadStamp): SyslogLine | undefined {
  const line: SyslogLine = { message: "" };
  let at = isDigit(text.charCodeAt(0)) ? (matchAt(COUNT, text, 0)?.[0].length ?? 0) : 0;
  const priority = text[at] === "<" ? matchAt(PRIORITY, text, at) : null;
  if (priority) {
    if (Number(priority[1]) <= MAX_PRIORITY) line.priority = Number(priority[1]);
    at += priority[0].length;
  }
  const version = isDigit(text.charCodeAt(at)) ? matchAt(VERSION, text, at) : null;
  if (version) {
    const made = parse5424(text, at + version[0].length, line, read, readStamp);
    if (made) return made;
  }
  const afterPriority = at;
  if (priority && text[at] === ":") at += text[at + 1] === " " ? 2 : 1;
  const sequence = isDigit(text.charCodeAt(at)) ? matchAt(SEQUENCE, text, at) : null;
  if (sequence) at += sequence[0].length;
  // The word before a time ends with a colon.
  const origin = text[text.indexOf(" ", at) - 1] === ":" ? matchAt(ORIGIN, text, at) : null;
  if (origin) at += origin[0].length;
  // `*` and `.` mark a clock that is not, or no longer, set by NTP.
  const stamp = readStamp(text, text[at] === "*" || text[at] === "." ? at + 1 : at, read);
  // Without a number, a word before a time may as well be a program whose message begins with a time.
  if (stamp && (!origin || sequence || text.startsWith(": %", stamp.end))) {
    line.time = stamp.time;
    if (sequence) line.sequence = sequence[1]!;
    if (origin) line.host = origin[1]!;
    return parseBehindTime(text, stamp.end, line);
  }
  if (!priority) return undefined;
  const uptime = matchAt(UPTIME, text, at);
  if (sequence && (uptime || text[at] === "%")) {
    line.sequence = sequence[1]!;
    return parseTag(text, at + (uptime?.[0].length ?? 0), line);
  }
  return parseTag(text, afterPriority, line);
}
