export { knownActions } from "./actions/index.ts";
export { parseExpression, printAst, SyntaxFault } from "./expression/index.ts";
export { importedDocs, type LoadedWorkflow, loadWorkflows, printWorkflow } from "./library/index.ts";
export { catchUp, changedIncidents, type Delivery, Notifier } from "./notify/index.ts";
export { stepDocs, triggerDocs, workflowDoc } from "./workflow/index.ts";
