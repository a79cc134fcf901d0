import type { Words } from "./words.ts";
import { PlainWords } from "./words-js.ts";
import { mostCount, WasmWords } from "./words-wasm.ts";

let opened: WasmWords | undefined;
let tried = false;
let plain: PlainWords | undefined;

/** Work on so many numbers, as fast as can be here. */
export function wordsFor(count: number): Words {
  if (!tried) {
    tried = true;
    opened = WasmWords.open();
  }
  if (opened && count <= mostCount) return opened;
  plain ??= new PlainWords();
  return plain;
}

/** Both ways, the faster first, for comparing them. */
export const wordTwins = (): readonly Words[] => [WasmWords.open() ?? new PlainWords(), new PlainWords()];
