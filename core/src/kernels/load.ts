import { readAsset } from "../asset.ts";

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
    const { exports } = new api.Instance(module, { env: { memory } });
    return {
      exports: exports as Exports,
      memory: memory.buffer,
      link: (bytes, own) => {
        const env = { memory, ...(exports as object), ...own };
        return new api.Instance(new api.Module(bytes), { env }).exports;
      },
      beside: (other) => {
        const found = moduleOf(other);
        return found && new api.Instance(found, { env: { memory } }).exports;
      },
    };
  } catch {
    return undefined;
  }
}

function moduleOf(name: string): object | undefined {
  if (!modules.has(name)) modules.set(name, compiled(name));
  return modules.get(name);
}

function compiled(name: string): object | undefined {
  try {
    // The same place seen from the sources and from dist.
    return new api.Module(readAsset(new URL(`../../dist/kernels/${name}.wasm`, import.meta.url)));
  } catch {
    return undefined;
  }
}
