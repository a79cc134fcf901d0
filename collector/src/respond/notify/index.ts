export { catchUp } from "./catch-up.ts";
export { changedIncidents, type Incident, incidentSubject } from "./incidents.ts";
export { Notifier } from "./notifier.ts";
export type { Delivery } from "./outbox.ts";
export { type AskedQuestion, type TellOfQuestion, tellOfQuestions } from "./questions.ts";
