import { deepStrictEqual } from "node:assert";
import { type Framing, type Message, MessageCutter } from "../../../plugins/syslog/framing.ts";
import type { Target } from "../target.ts";

const framings: readonly Framing[] = ["auto", "newline", "nul", "octetCounting"];
const maxBytes = 1_024;

interface Outcome {
  readonly messages: readonly string[];
  readonly broken: boolean;
}

function cut(bytes: Buffer, framing: Framing, sizes: (at: number) => number): Outcome {
  const cutter = new MessageCutter(framing, maxBytes);
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + Math.max(1, sizes(at)));
    // A copy, as a socket's: what a message shows of it must not depend on bytes that come later.
    const piece = Buffer.from(bytes.subarray(at, to));
    messages.push(
      ...cutter.take(piece).map((message) => ({ ...message, bytes: Buffer.from(message.bytes) })),
    );
    at = to;
  }
  const last = cutter.end(true);
  if (last) messages.push(last);
  for (const message of messages)
    if (message.bytes.length > maxBytes) throw new Error(`A message has ${message.bytes.length} bytes.`);
  return {
    messages: messages.map((message) => `${message.cut}:${message.bytes.toString("latin1")}`),
    broken: cutter.broken,
  };
}

/** Bytes of a syslog connection: the same messages in whatever pieces they arrive, none over the limit. */
export const framing: Target = {
  name: "framing",
  words: [
    "<34>1 ",
    "12 <1>a",
    "\n",
    "\0",
    "1 ",
    "1024 <",
    "99999 <13>",
    "0 <",
    "<13>Jan 15 12:00:00 web-1 app: ",
  ],
  seeds: () =>
    [
      "<34>1 2026-01-15T12:00:00Z web-1 app 1 - - one\n<34>1 - - - - - - two\n",
      "11 <13>message11 <13>another",
      "<13>one\0<13>two\0",
      "text without a priority\r\nanother\r\n",
    ].map((text) => Buffer.from(`\u0003${text}`)),
  run(input) {
    const kind = framings[(input[0] ?? 0) % framings.length] ?? "auto";
    const step = 1 + ((input[0] ?? 0) >> 2);
    const bytes = input.subarray(1);
    const whole = cut(bytes, kind, () => bytes.length);
    deepStrictEqual(
      cut(bytes, kind, () => 1),
      whole,
    );
    deepStrictEqual(
      cut(bytes, kind, (at) => (at * 7 + step) % (3 * step)),
      whole,
    );
  },
};
