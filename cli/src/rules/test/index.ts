export { type DetectionCase, findDetections, readDetection, saveDetection } from "./case.ts";
export { eventsIn, eventsOf, type PipelinesFor } from "./events.ts";
export { alertsOf, prove, type VisibleAlert, visible } from "./prove.ts";
