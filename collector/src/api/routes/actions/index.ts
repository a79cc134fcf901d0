export { actionRunRoutes } from "./runs.ts";
export { actionSafetyRoutes } from "./safety.ts";
