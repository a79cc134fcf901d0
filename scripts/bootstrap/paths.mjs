/** Where a checkout keeps what the bootstrap makes. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const tools = join(root, ".tools");
/** One line: the Node that runs Vedette. Newer than every input of the set-up while nothing has to be done. */
export const runtimeFile = join(tools, "runtime");
export const logFile = join(tools, "bootstrap.log");
export const compileCache = join(tools, "compile-cache");
export const stampOf = (name) => join(tools, "stamps", name);
