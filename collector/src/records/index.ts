export { alertRow } from "./alert-row.ts";
export { batchRow } from "./batch-row.ts";
export { deadLetterRow } from "./dead-letter-row.ts";
export { type StoredAlert, storedAlert } from "./stored-alert.ts";
