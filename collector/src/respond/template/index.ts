export { compileInput, type Input, InputFault, type Used } from "./input.ts";
export { parseTemplate } from "./parse.ts";
export { type Rendered, render, textOf } from "./render.ts";
