export type {
  ActionCapability,
  ActionDefinition,
  ActionParameter,
  ActionRequest,
  ActionResult,
  Standing,
  UndoRequest,
} from "./action.ts";
export {
  type AnyChannel,
  type ChannelCapability,
  defineChannel,
  type Notice,
  type Piece,
  type PieceStyle,
  plainValue,
  textOfPieces,
} from "./channel.ts";
export type { EnrichCapability, EnrichDeps, Enricher } from "./enrich.ts";
export type {
  AnalyzeCapability,
  CorrelateCapability,
  Finding,
  Message,
  NotifyCapability,
} from "./findings.ts";
export type { DefaultView, DuplicateRule, PageCapability, Widget } from "./page.ts";
export type { ParseCapability, ParseStep } from "./parse.ts";
export type {
  AssetsCapability,
  CollectCapability,
  Every,
  ExportCapability,
  PeriodicCapability,
} from "./work.ts";
