import type { ConnectionDeps } from "../connection/index.ts";
import type { Severity } from "../schema/event.ts";

/** A part of a text: what an operator wrote, or a value that anybody may have chosen. */
export type Piece = string | { readonly value: string };

/** What a person is told. Values are one line each, without control characters, and bounded: `plainValue` made them. */
export interface Notice {
  /** The same at every attempt: who sees it twice can drop the second. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly severity: Severity;
  /** What it is about; a digest tells of many at once. */
  readonly about: "alert" | "event" | "incident" | "question" | "digest" | "test";
  /** How many alerts, events or incidents it stands for. */
  readonly count: number;
  readonly title: readonly Piece[];
  readonly lines: readonly (readonly Piece[])[];
  /** Address of the page where there is more. */
  readonly link?: string;
  /**
   * Answers to a question that can be given where it is read, each with the token that gives it. Only for channels whose other side
   * signs who chose; tokens are secrets.
   */
  readonly choices?: readonly { readonly answer: string; readonly token: string }[];
}

/** A way to tell people, over one kind of the plugin's connections. */
export interface ChannelCapability<Client> {
  /**
   * Gives a notice to the other side and resolves with what it said, such as the id of the message. Throws
   * `notice.refused` where another attempt would end alike, and `notice.undelivered` (verdict `retry`) where it may not.
   */
  send(notice: Notice, client: Client, deps: ConnectionDeps): Promise<string>;
}

/** Keeps the client of a connection and its channel of one type. */
export const defineChannel = <Client>(channel: ChannelCapability<Client>): ChannelCapability<Client> =>
  channel;

// biome-ignore lint/suspicious/noExplicitAny: the client is contravariant in `send`, as for AnyPlugin.
export type AnyChannel = ChannelCapability<any>;

const mostValue = 300;
/** Controls, marks that turn the direction of writing, and characters that are not seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]+/gu;

/** A value of a log as one visible line of at most 300 characters: what it hides or turns around is gone. */
export function plainValue(value: unknown, most: number = mostValue): string {
  const text = (typeof value === "string" ? value.slice(0, most * 4) : String(value)).toWellFormed();
  const plain = text.replaceAll(unseen, " ").replaceAll(/\s+/g, " ").trim();
  const characters = [...plain];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : plain;
}

/** How a channel writes what an operator wrote, and what anybody may have chosen. */
export interface PieceStyle {
  text(text: string): string;
  value(value: string): string;
}

/** The text of pieces in the style of a channel. */
export const textOfPieces = (pieces: readonly Piece[], style: PieceStyle): string =>
  pieces.map((piece) => (typeof piece === "string" ? style.text(piece) : style.value(piece.value))).join("");
