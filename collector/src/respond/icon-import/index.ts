export { type Imported, importIcon } from "./import.ts";
