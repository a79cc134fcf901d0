export { type StoredWorkflow, WorkflowCatalog, type WorkflowChange } from "./catalog.ts";
export {
  importedDocs,
  type LoadedWorkflow,
  type LoadedWorkflows,
  loadWorkflows,
  parseWorkflows,
} from "./load.ts";
export { printWorkflow } from "./print.ts";
