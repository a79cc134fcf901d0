export { type AgentState, Agents } from "./agents.ts";
export { GroupFiles } from "./group-journal.ts";
export { type GrpcDeps, type GrpcIngest, type GrpcOptions, serveGrpc } from "./grpc.ts";
export { type DeadFrame, Intake, type IntakeSink, type Receipt } from "./intake.ts";
export { askLag, ensureTopic, KafkaIngest, type KafkaStatus, type TopicOptions } from "./kafka/index.ts";
export { Ledger } from "./ledger.ts";
