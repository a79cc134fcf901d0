export { checkCompiled, type Known } from "./check.ts";
export { type Compiled, compileWorkflow } from "./compile.ts";
export { parseCron, type Schedule } from "./cron.ts";
export type { Scope, Step, StepBody, Target, Workflow } from "./model.ts";
export { collector, type DocPath, type Places, placesIn } from "./places.ts";
export { type TriggerDoc, triggerDocs, type WorkflowDoc, workflowDoc } from "./schema.ts";
export { type StepDoc, stepDocs } from "./step-schema.ts";
