export { FileInput, type FileInputDeps, type FileInputSettings } from "./file/file-input.ts";
export { compileExclude, compileGlob } from "./file/glob.ts";
export { FileRegistry } from "./file/registry.ts";
