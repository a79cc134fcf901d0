export { type JobStatus, JobStore, type NewJob, statuses } from "./store.ts";
export { JobWorker, type WorkerDeps } from "./worker.ts";
