export { compileInput, type Input, type Used } from "./input.ts";
export { parseTemplate } from "./parse.ts";
export { type Rendered, render } from "./render.ts";
