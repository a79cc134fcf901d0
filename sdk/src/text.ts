import { isUtf8 } from "node:buffer";

/** Bytes of a log as text, and what was done to them. */
export interface Text {
  readonly raw: string;
  /** Undefined where the text is what was read. */
  readonly flaw: string | undefined;
  readonly kind: "cut" | "not_utf8" | undefined;
}

/**
 * The text of a log's bytes, at most `maxBytes` of them, never cut inside a character. Bytes that are not UTF-8 are
 * replaced. `cut` says that bytes are missing behind these already.
 */
export function textOf(bytes: Buffer, maxBytes: number, cut = false): Text {
  if (cut || bytes.length > maxBytes) {
    const raw = bytes.toString("utf8", 0, boundary(bytes, Math.min(maxBytes, bytes.length)));
    return { raw, flaw: `The message was cut at ${maxBytes} bytes.`, kind: "cut" };
  }
  const raw = bytes.toString("utf8");
  if (isUtf8(bytes)) return { raw, flaw: undefined, kind: undefined };
  return { raw, flaw: "Bytes that are not UTF-8 were replaced.", kind: "not_utf8" };
}

/** The last place at or before `limit` behind which no character continues. */
function boundary(bytes: Buffer, limit: number): number {
  let start = limit - 1;
  for (let back = 0; back < 3 && start > 0 && (bytes[start]! & 0xc0) === 0x80; back++) start--;
  const lead = bytes[start] ?? 0;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + size > limit ? start : limit;
}
