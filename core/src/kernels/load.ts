import { readAsset } from "../asset.ts";
import type { ModuleCode } from "./module-code.ts";

/** A variable that a kernel exports. */
export interface ExportedNumber {
  readonly value: number;
}

/** What is used of the global `WebAssembly`, which the types of Node do not declare. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
const pageBytes = 1 << 16;
const modules = new Map<string, object | undefined>();
let code: ModuleCode | undefined;

/** From now on modules come with the code that was kept of them, and what they become is noted there. */
export function useModuleCode(kept: ModuleCode): void {
  code = kept;
}

/** A kernel's exports and the memory they work in. */
export interface LoadedKernel<Exports> {
  readonly exports: Exports;
  /** Never grows, so that views of it stay valid. Its first KiB is not to be used. */
  readonly memory: ArrayBuffer;
  /** Instantiates a module that was written for this kernel, over the same memory and with the kernel's functions, and those of `own`. Gives its exports. */
  link(bytes: Uint8Array, own?: object): unknown;
  /** Instantiates another kernel over the same memory, of which it uses what it is told to. Undefined where that cannot be. */
  beside(name: string): unknown;
}

/**
 * Instantiates `assembly/<name>.ts`, compiled to WebAssembly, over memory of its own of at least `bytes` bytes. Gives
 * undefined, for the caller to use the plain twin, where WebAssembly is not to be had: the file was not built, the
 * runtime refuses it, or the environment variable VEDETTE_KERNELS is `js`.
 */
export function loadKernel<Exports>(name: string, bytes: number): LoadedKernel<Exports> | undefined {
  if (process.env["VEDETTE_KERNELS"] === "js") return undefined;
  const module = moduleOf(name);
  if (!module) return undefined;
  try {
    const pages = Math.ceil(bytes / pageBytes);
    const memory = new api.Memory({ initial: pages, maximum: pages });
    const exports = exportsOf(module, { memory });
    return {
      exports: exports as Exports,
      memory: memory.buffer,
      link: (bytes, own) => {
        const env = { memory, ...(exports as object), ...own };
        return exportsOf(compiled(bytes), env);
      },
      beside: (other) => {
        const found = moduleOf(other);
        return found && exportsOf(found, { memory });
      },
    };
  } catch {
    return undefined;
  }
}

function moduleOf(name: string): object | undefined {
  if (!modules.has(name)) modules.set(name, shipped(name));
  return modules.get(name);
}

function shipped(name: string): object | undefined {
  try {
    // The same place seen from the sources and from dist.
    return compiled(readAsset(new URL(`../../dist/kernels/${name}.wasm`, import.meta.url)));
  } catch {
    return undefined;
  }
}

function compiled(bytes: Uint8Array): object {
  const make = (): object => new api.Module(bytes);
  return code ? code.moduleOf(bytes, make) : make();
}

function exportsOf(module: object, env: object): unknown {
  const { exports } = new api.Instance(module, { env });
  code?.note(module, exports as object);
  return exports;
}
