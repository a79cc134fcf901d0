export { type ApiEnv, access, type Caller } from "./access.ts";
export { securityHeaders } from "./security-headers.ts";
export { throttle } from "./throttle.ts";
