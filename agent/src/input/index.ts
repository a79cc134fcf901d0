export { FileInput } from "./file/file-input.ts";
export { compileExclude, compileGlob } from "./file/glob.ts";
export { LineCutter } from "./file/line-cutter.ts";
export type { ChunkSink, LogChunk } from "./file/line-emitter.ts";
export { FileRegistry } from "./file/registry.ts";
export type { FileInputDeps, FileInputSettings } from "./file/settings.ts";
export { InputSet } from "./input-set.ts";
export { inputDeps, type PluginInputContext } from "./plugin-deps.ts";
export type { InputPlan } from "./supervised.ts";
