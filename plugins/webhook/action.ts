import type { ActionCapability, ActionRequest, PluginContext, UndoRequest } from "@vedette/sdk";
import { answerFailure, failureOf, refused } from "../_action/outcome.ts";
import { type Answer, objectOf } from "../_channel/parts.ts";
import { connection, signedHeaders } from "./channel.ts";

type Context = Pick<PluginContext<unknown>, "connection" | "egress" | "signal" | "clock">;

const silentMs = 30_000;
const mostAnswerBytes = 65_536;

/** What the receiver gets. It is the same at every attempt but for `attempt`. */
interface Body {
  readonly about: "action" | "undo";
  readonly id: string;
  readonly action: string;
  readonly target: { readonly type: string; readonly value: string };
  readonly reason: string;
  /** RFC 3339, of what lasts. */
  readonly expiresAt?: string;
  readonly attempt?: number;
  /** Of an undo: what the receiver answered to the action. */
  readonly undo?: Readonly<Record<string, string>>;
}

async function send(name: string | undefined, body: Body, context: Context): Promise<Answer> {
  if (name === undefined || name === "") throw refused("The action names no connection");
  const { egress, signal, clock } = context;
  const to = await context.connection(connection, name);
  const url = body.about === "undo" ? (to.undoUrl ?? to.url) : to.url;
  const text = JSON.stringify(body);
  const key = body.about === "undo" ? `${body.id}/undo` : body.id;
  let answer: Answer;
  try {
    const response = await egress.fetch(url, {
      ...{ method: "POST", redirects: 0, maxBytes: mostAnswerBytes, idleMs: silentMs, signal, body: text },
      headers: {
        "content-type": "application/json; charset=utf-8",
        ...signedHeaders(to, text, clock.now()),
        "idempotency-key": key,
      },
      ...(to.authority === undefined ? {} : { tls: { ca: to.authority } }),
    });
    answer = { status: response.status, text: await response.text(), headers: response.headers };
  } catch (error) {
    throw failureOf(error, false);
  }
  if (answer.status < 200 || answer.status >= 300) throw answerFailure(answer, false, clock.now());
  return answer;
}

const bodyOf = (
  about: Body["about"],
  { id, action, target, reason }: Pick<ActionRequest, "id" | "action" | "target" | "reason">,
): Body => ({ about, id, action, target, reason });

/** What the receiver wants to be given when it is undone: the texts of its answer's `undo`, bounded. */
function undoOf(answer: Answer): Readonly<Record<string, string>> {
  const given = objectOf(answer)?.["undo"];
  if (typeof given !== "object" || given === null || Array.isArray(given)) return {};
  const texts = Object.entries(given).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" && entry[0].length <= 100 && entry[1].length <= 1_000,
  );
  return Object.fromEntries(texts.slice(0, 20));
}

const execute = async (request: ActionRequest, context: Context) => {
  const { parameters, expiresAt, attempt = 1 } = request;
  const body = {
    ...{ ...bodyOf("action", request), attempt },
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
  const answer = await send(parameters["connection"], body, context);
  return { message: `The receiver answered ${answer.status}.`, undo: undoOf(answer) };
};

const parameters = [{ name: "connection", default: "", maxLength: 63 }];
const targets = ["ip", "cidr", "host", "user", "asset", "domain", "hash"] as const;

export const action: ActionCapability<unknown> = {
  actions: [
    { name: "contain", targets, parameters, critical: true, containment: true, deadlineSeconds: 60 },
    { name: "call", targets, parameters, critical: true, deadlineSeconds: 60 },
  ],
  validate({ parameters: { connection: name } }: ActionRequest) {
    if (name === undefined || name === "") throw refused("The action names no connection");
  },
  execute,
  async undo(request: UndoRequest, context: Context) {
    const body = { ...bodyOf("undo", request), undo: request.undo };
    const { status } = await send(request.parameters["connection"], body, context);
    return { message: `The receiver answered ${status}.` };
  },
};
