export { type Compiled, compileSigmaCorrelations } from "./compile.ts";
export { circleIn, clustersOf, type Faults, type Referable } from "./link.ts";
export { section as correlationSection } from "./schema.ts";
