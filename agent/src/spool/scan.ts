import { type BatchHeader, frameSize, openFrame, prefixBytes } from "@vedette/core/batch";

/** A whole frame inside a segment's bytes. */
export interface FoundFrame {
  readonly header: BatchHeader;
  readonly offset: number;
  readonly size: number;
}

/** Bytes that belong to no whole frame. */
export interface BadStretch {
  readonly offset: number;
  readonly size: number;
}

export interface Scan {
  readonly frames: readonly FoundFrame[];
  readonly bad: readonly BadStretch[];
}

const magic = Buffer.from("VDT1");

/** The schema version is the collector's concern: the spool keeps what any version of the agent sealed. */
const anySchema = Number.MAX_SAFE_INTEGER;

function frameAt(bytes: Buffer, offset: number): FoundFrame | undefined {
  const size = frameSize(bytes.subarray(offset, offset + prefixBytes));
  if (size === undefined || offset + size > bytes.length) return undefined;
  try {
    return { header: openFrame(bytes.subarray(offset, offset + size), anySchema).header, offset, size };
  } catch {
    return undefined;
  }
}

/** Finds every whole frame with a right checksum, and what lies between. Never throws, whatever the bytes. */
export function scanFrames(bytes: Buffer): Scan {
  const frames: FoundFrame[] = [];
  const bad: BadStretch[] = [];
  let offset = 0;
  let sound = 0;
  while (offset < bytes.length) {
    const frame = frameAt(bytes, offset);
    if (!frame) {
      const next = bytes.indexOf(magic, offset + 1);
      offset = next < 0 ? bytes.length : next;
      continue;
    }
    if (frame.offset > sound) bad.push({ offset: sound, size: frame.offset - sound });
    frames.push(frame);
    offset += frame.size;
    sound = offset;
  }
  if (sound < bytes.length) bad.push({ offset: sound, size: bytes.length - sound });
  return { frames, bad };
}
