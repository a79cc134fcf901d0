export { createLogger, type LoggerOptions, rateLimited } from "./logger.ts";
export { type Counter, type Gauge, type Histogram, type Labels, Telemetry, upTo } from "./metrics.ts";
export { Redactor } from "./redactor.ts";
