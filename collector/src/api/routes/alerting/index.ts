export { caseRoutes } from "./cases.ts";
export { controlPaths, controlRoutes } from "./controls.ts";
export { incidentRoutes } from "./incidents.ts";
export { ruleRoutes } from "./rules.ts";
