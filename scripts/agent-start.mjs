/**
 * The head of the one-file agent (scripts/build-agent.mjs): runs the program that follows it in the same file, packed in a comment,
 * and keeps it unpacked, with what V8 made of it, so that the next start need neither unpack nor compile (docs/decisions/0100, 0304).
 * `digest` and `size` are those of the program, `head` and `tail` enclose it.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
// Not imported: an import looks at each export, and some of these load half of Node when looked at.
const fs = require("node:fs");
const vm = require("node:vm");
const { dirname, join } = require("node:path");
const { crc32, zstdDecompressSync } = require("node:zlib");
const { cachedDataVersionTag, setFlagsFromString } = require("node:v8");

const file = import.meta.filename;
const kept = /^vedette-agent-[0-9a-f]+-[0-9a-f]+\.(?:code|kernels)$/;
/** By then the agent runs, and V8 has made what a start needs. */
const keepAfterMs = 5_000;
/** What is written at once of the program. */
const pieceBytes = 1 << 18;
/** By then an agent whose code was kept has started. */
const startedAfterMs = 1_000;

/** The program out of this file. */
function unpacked() {
  const text = fs.readFileSync(file, "latin1");
  const packed = Buffer.from(
    text.slice(text.lastIndexOf(head) + head.length, text.lastIndexOf(tail)),
    "base64",
  );
  const bytes = zstdDecompressSync(packed, { maxOutputLength: size, chunkSize: size + 1 });
  const program = bytes.latin1Slice();
  // Megabytes that nobody needs any more, and that would wait for the garbage collector.
  bytes.buffer.transfer(0);
  return program;
}

/** A place for what is kept: systemd's CacheDirectory, else beside this file. */
const dir = process.env.CACHE_DIRECTORY?.split(":")[0] || dirname(file);
const name = `vedette-agent-${digest}-${cachedDataVersionTag().toString(16)}`;
const place = join(dir, `${name}.code`);

/** What a start kept: a CRC-32 of the rest, the program, what V8 made of it. A file of others, a torn one or one for another V8 is passed over. */
function known() {
  try {
    const { uid, mode } = fs.statSync(place);
    if ((uid !== process.getuid?.() && uid !== 0) || (mode & 0o022) !== 0) return undefined;
    const bytes = fs.readFileSync(place);
    return bytes.length > size && bytes.readUInt32LE(0) === crc32(bytes.subarray(4)) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * From now on V8 collects what is old when it has grown by some megabytes, not by half of all; during a start that would be in
 * vain. Not before the code is kept: what V8 made under other flags it does not take (docs/decisions/0245). V8 thinks of how much may
 * grow when it has collected, so it has to once (docs/decisions/0291).
 */
function saveMemory() {
  setFlagsFromString("--memory-saver-mode");
  setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
}

function keep() {
  const partial = `${place}.${process.pid}`;
  let out;
  try {
    out = fs.openSync(partial, "wx", 0o600);
    const check = Buffer.alloc(4);
    let [sum, at] = [0, check.length];
    const write = (part) => {
      sum = crc32(part, sum);
      at += fs.writeSync(out, part, 0, part.length, at);
    };
    // Piece by piece, as the whole would be the most memory that a start ever takes.
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    for (let from = 0; from < size; from += pieceBytes)
      write(piece.subarray(0, piece.latin1Write(program.slice(from, from + pieceBytes))));
    write(script.createCachedData());
    check.writeUInt32LE(sum);
    fs.writeSync(out, check, 0, check.length, 0);
    fs.renameSync(partial, place);
    for (const other of fs.readdirSync(dir))
      if (kept.test(other) && !other.startsWith(`${name}.`)) fs.rmSync(join(dir, other), { force: true });
    state.compiled = "kept";
  } catch (error) {
    fs.rmSync(partial, { force: true });
    state.compiled = "not kept";
    state.reason = error.message;
  }
  if (out !== undefined) fs.closeSync(out);
  state.told?.();
  saveMemory();
}

const bytes = known();
const program = bytes?.latin1Slice(4, 4 + size) ?? unpacked();
const cachedData = bytes?.subarray(4 + size);
const script = new vm.Script(program, {
  filename: file,
  cachedData,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
bytes?.buffer.transfer(0);
/** For those who ask where the time of a start goes (cli/src/run/compiled.ts). */
const state = { compiled: script.cachedDataRejected === false ? "used" : "made anew", place };
globalThis[Symbol.for("vedette.compiled")] = state;
setTimeout(...(state.compiled === "used" ? [saveMemory, startedAfterMs] : [keep, keepAfterMs])).unref();
script.runInThisContext()(require, import.meta.url);
