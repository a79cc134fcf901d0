import { isUtf8 } from "node:buffer";

/** A text made of bytes, with what is wrong with it. */
export interface BoundedText {
  readonly raw: string;
  readonly flaw?: string;
}

/** Bytes as text of at most `maxBytes`, cut between characters. Says so where it was cut or was not UTF-8. */
export function boundedText(bytes: Buffer, maxBytes: number, wholeBytes = bytes.length): BoundedText {
  const cut = wholeBytes > maxBytes;
  const kept = bytes.length > maxBytes ? bytes.subarray(0, characterBoundary(bytes, maxBytes)) : bytes;
  const raw = kept.toString("utf8");
  if (cut) return { raw, flaw: `The line was cut at ${maxBytes} bytes.` };
  return isUtf8(kept) ? { raw } : { raw, flaw: "Bytes that are not UTF-8 were replaced." };
}

/** The last place at or before `limit` that does not split a UTF-8 character. */
function characterBoundary(bytes: Buffer, limit: number): number {
  let at = limit;
  for (let back = 0; back < 3 && at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80; back++) at--;
  return at;
}
