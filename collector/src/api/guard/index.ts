export { type ApiEnv, access, type Caller } from "./access.ts";
export { noteOperator } from "./operator.ts";
export { securityHeaders } from "./security-headers.ts";
export { throttle } from "./throttle.ts";
