export { type Compiled, compileSigmaCorrelations } from "./compile.ts";
export { circleIn, clustersOf, type Faults, type Referable } from "./link.ts";
