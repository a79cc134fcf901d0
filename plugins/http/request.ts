import type { IncomingMessage } from "node:http";
import type { InputDeps } from "@vedette/sdk";
import { later, Refusal } from "./answer.ts";
import { type Proof, proofsOf } from "./auth.ts";
import { type Budget, decodeBody, readBody, Share } from "./body.ts";
import type { Intake } from "./intake.ts";
import { type Repeats, requestKey } from "./repeats.ts";
import { rowsOf } from "./rows.ts";
import type { HttpSettings, Route } from "./settings.ts";

/** A path with everything its requests need. */
export interface OpenRoute {
  readonly route: Route;
  readonly dataType: string;
  readonly proofs: readonly Proof[];
}

/** Opens the routes by path. Throws where a secret is missing. */
export const openRoutes = ({ routes }: HttpSettings, deps: InputDeps): ReadonlyMap<string, OpenRoute> =>
  new Map(
    routes.map((route) => [
      route.path,
      { route, dataType: route.dataType ?? deps.dataType, proofs: proofsOf(route.auth, deps.baseDir) },
    ]),
  );

export interface RequestContext {
  readonly settings: HttpSettings;
  readonly deps: InputDeps;
  readonly intake: Intake;
  readonly budget: Budget;
  readonly repeats: Repeats;
}

/**
 * Takes one request of a route: proof, body, rows, and then all of them or none. Resolves with the number of logs after they are
 * on disk. Rejects with a Refusal.
 */
export async function takeRequest(
  request: IncomingMessage,
  address: string,
  { route, dataType, proofs }: OpenRoute,
  context: RequestContext,
): Promise<number> {
  const { settings, deps, intake, repeats } = context;
  const now = deps.clock.now();
  const nothing = Buffer.alloc(0);
  const proved =
    proofs.length === 0 ||
    proofs.some((proof) => !proof.needsBody && proof.holds(request.headers, nothing, now));
  if (!proved && !proofs.some(({ needsBody }) => needsBody)) throw unauthorized();
  if (intake.blocked) throw later("spool_full", "The spool is full; nothing is taken at the moment.");
  const share = new Share(context.budget);
  const arrived = intake.arriving();
  let held: Promise<unknown> = Promise.resolve();
  try {
    const sent = await readBody(request, settings.maxBodyBytes, share);
    if (!proved && !proofs.some((proof) => proof.needsBody && proof.holds(request.headers, sent, now)))
      throw unauthorized();
    const key = requestKey(route, request.headers, sent);
    const { outcome, repeated } = repeats.once(key, async () => {
      let taken = false;
      try {
        const body = await decodeBody(
          sent,
          request.headers["content-encoding"],
          settings.maxDecodedBytes,
          share,
        );
        const rows = rowsOf(body, route.format, request.headers["content-type"], settings);
        const dataSource = deps.dataSourceIsSet ? deps.dataSource : address;
        const { durable } = await intake.take(rows, dataType, dataSource, factsOf(request, address, route));
        taken = true;
        arrived();
        await durable;
        return rows.length;
      } catch (error) {
        // What is taken and not yet durable may still become so: a repeat waits for that outcome.
        if (!taken) repeats.forget(key);
        throw error;
      }
    });
    // The rows live until they are taken, also when the sender gets its answer before.
    if (!repeated) held = outcome.catch(() => undefined);
    if (repeated)
      deps.log.debug({ input: deps.inputId, path: route.path }, "A repeated request was answered.");
    return await answeredWithin(outcome, settings.answerSeconds);
  } finally {
    void held.then(() => {
      share.release();
      arrived();
    });
  }
}

const unauthorized = (): Refusal =>
  new Refusal(401, "unauthorized", "The request brings no proof that is taken here.", {
    headers: { "www-authenticate": 'Bearer realm="vedette"' },
  });

function factsOf({ headers }: IncomingMessage, sender: string, route: Route): Record<string, string> {
  const facts: Record<string, string> = { sender, path: route.path };
  for (const name of route.headers) {
    const value = headers[name.toLowerCase()];
    if (value !== undefined) facts[name.toLowerCase()] = String(value).slice(0, 1_024);
  }
  return facts;
}

async function answeredWithin(outcome: Promise<number>, seconds: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(later("slow", "The logs are taken and not yet known to be on disk; ask again.")),
      seconds * 1_000,
    );
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
