export { checkCompiled, type Known } from "./check.ts";
export { type Compiled, compileWorkflow } from "./compile.ts";
export { collector, type DocPath, type Places, placesIn } from "./places.ts";
export { triggerDocs, type WorkflowDoc, workflowDoc } from "./schema.ts";
export { type StepDoc, stepDocs } from "./step-schema.ts";
