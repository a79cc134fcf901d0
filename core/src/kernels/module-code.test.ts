import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ModuleCode, testedV8 } from "./module-code.ts";

type Sum = (last: number) => number;
interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly sum: Sum } };
}
const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: Api };

/** A module whose `sum` adds what is left of a number that grows less by `step`, until it is 0. */
const adding = (step: number): Uint8Array =>
  Buffer.from(
    `0061736d01000000 0106016001 7f017f 03020100 07070103 73756d0000 0a1b0119 01017f 0340 200120006a2101 200041${step
      .toString(16)
      .padStart(2, "0")}6b22000d000b20010b`.replaceAll(" ", ""),
    "hex",
  );

it("is tried with the V8 that agents trust", () => expect(process.versions.v8).toBe(testedV8));

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-modules-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Code at a place, a module of it, and how often V8 would have made this. */
function used(place: string, step: number) {
  const code = ModuleCode.at(place)!;
  let made = 0;
  const module = code.moduleOf(adding(step), () => {
    made++;
    return new api.Module(adding(step));
  });
  const { exports } = new api.Instance(module);
  code.note(module, exports);
  return { code, sum: exports.sum, made };
}

/** Busy until V8 has optimized it and that was kept. */
async function keepBusy({ code, sum }: ReturnType<typeof used>): Promise<number> {
  // V8 optimizes beside others, when it finds the time.
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    sum(4_000_000);
    const bytes = code.keep();
    if (bytes > 0) return bytes;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 0;
}

it("keeps what was optimized, beside what other runs kept, and writes only what is new", async () => {
  const place = join(dir, "one.kernels");
  const first = used(place, 1);
  expect(first.made).toBe(1);
  expect(first.code.keep()).toBe(0);
  expect(existsSync(place)).toBe(false);
  const bytes = await keepBusy(first);
  expect(bytes).toBeGreaterThan(0);
  expect(statSync(place).mode & 0o777).toBe(0o600);

  const again = used(place, 1);
  expect(again.made).toBe(0);
  expect(again.sum(4)).toBe(10);
  expect(again.code.keep()).toBe(0);

  const other = used(place, 2);
  expect(other.made).toBe(1);
  expect(await keepBusy(other)).toBeGreaterThan(bytes);
  expect([used(place, 1).made, used(place, 2).made]).toEqual([0, 0]);
});

it("takes no file that is torn, cut short, empty, or open to others", async () => {
  const place = join(dir, "two.kernels");
  await keepBusy(used(place, 1));
  const whole = readFileSync(place);
  for (let at = 0; at < whole.length; at += 7) {
    const torn = Buffer.from(whole);
    torn[at]! ^= 1;
    writeFileSync(place, torn);
    expect(used(place, 1).made, `byte ${at}`).toBe(1);
  }
  for (const size of [0, 4, 8, 30, whole.length - 1]) {
    writeFileSync(place, whole.subarray(0, size));
    expect(used(place, 1).made, `${size} bytes`).toBe(1);
  }
  writeFileSync(place, whole);
  expect(used(place, 1).made).toBe(0);
  chmodSync(place, 0o622);
  expect(used(place, 1).made).toBe(1);
});

it("tells where it cannot write", async () => {
  const nowhere = used(join(dir, "nowhere", "three.kernels"), 1);
  await expect(keepBusy(nowhere)).rejects.toThrow("ENOENT");
});
