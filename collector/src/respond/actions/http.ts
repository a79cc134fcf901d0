import { type Egress, isVedetteError, messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { Value } from "../expression/index.ts";
import { type ActionCall, ActionFailure, type ActionInput, type ActionRunner } from "./runner.ts";

const maxBytes = 262_144;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
/** Repeating these changes nothing more (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

const input = z.strictObject({
  method: z.enum(methods).default("GET"),
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().min(1).max(200), z.coerce.string().max(8_192)).default({}),
  json: z.unknown().optional(),
  body: z.string().max(1_048_576).optional(),
});

/** `http.request`: through the guarded way out, with the key of the step as `Idempotency-Key`. */
export function httpRunner(egress: Egress): ActionRunner {
  const info = {
    name: "http.request",
    critical: false,
    idempotent: ({ method = "GET" }: ActionInput) => idempotent.has(String(method)),
  };
  return {
    find: (action) => (action === info.name ? info : undefined),
    names: () => [info.name],
    run: (call) => request(egress, call),
  };
}

async function request(egress: Egress, call: ActionCall): Promise<ActionInput> {
  const checked = input.safeParse(call.input);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new ActionFailure(
      `The input of http.request does not fit: ${issue?.path.join(".")}: ${issue?.message}.`,
    );
  }
  const { method, url, headers, json } = checked.data;
  const body = json === undefined ? checked.data.body : JSON.stringify(json);
  let answer: Response;
  let text: string;
  try {
    answer = await egress.fetch(url, {
      method,
      headers: {
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        "idempotency-key": call.key,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: call.signal,
      redirects: idempotent.has(method) ? 5 : 0,
      maxBytes,
    });
    text = await answer.text();
  } catch (error) {
    throw failureOf(error);
  }
  if (!answer.ok) throw refusal(answer, text);
  const type = answer.headers.get("content-type") ?? "";
  const parsed = /\bjson\b/i.test(type) ? parse(text) : undefined;
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: text,
    ...(parsed === undefined ? {} : { json: parsed }),
  };
}

function parse(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** 429 and 503 say that nothing was done; of other 5xx nobody knows. */
function refusal(answer: Response, text: string): ActionFailure {
  const { status } = answer;
  const said = text.trim().slice(0, 200);
  const message = `The answer was ${status}${said === "" ? "" : `: ${said}`}.`;
  const waits = status === 429 || status === 503;
  return new ActionFailure(message, {
    again: waits || status === 408 || status === 425 || status >= 500,
    afterMs: waits ? retryAfter(answer.headers.get("retry-after")) : undefined,
    fate: status >= 500 && !waits ? "unknown" : "notDone",
  });
}

/** Seconds, or a date (RFC 9110, 10.2.3); a day at most. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 86_400_000) : undefined;
}

/** Codes of errors that come before anything was sent. */
const unsent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function failureOf(error: unknown): ActionFailure {
  if (isVedetteError(error) && error.code === "egress.refused")
    return new ActionFailure(error.message, { cause: error });
  const code = (error as { code?: unknown } | null)?.code;
  const notSent = typeof code === "string" && unsent.has(code);
  return new ActionFailure(`The request failed: ${messageOf(error)}`, {
    again: true,
    fate: notSent ? "notDone" : "unknown",
    cause: error,
  });
}
