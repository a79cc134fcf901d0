import { randomBytes } from "node:crypto";
import { type ServerType, serve } from "@hono/node-server";
import { isVedetteError, messageOf } from "@vedette/sdk";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

/** Bound of one event. */
const maxEventBytes = 16 * 1024 * 1024;

type Take = (message: unknown) => Promise<void>;

/** A way in for one trigger. */
export interface DispatchRoute {
  /** What goes into the start message as `dispatcher.url`. It cannot be guessed. */
  readonly url: string;
  close(): void;
}

/**
 * The server that triggers post their events to, on loopback. It answers 200 when the event is durable, 400 when it does
 * not fit and will never fit, 503 when it should be sent again.
 */
export class Dispatcher {
  readonly #routes: Map<string, Take>;
  readonly #server: ServerType;
  readonly #port: number;

  private constructor(routes: Map<string, Take>, server: ServerType, port: number) {
    this.#routes = routes;
    this.#server = server;
    this.#port = port;
  }

  /** Listens on a free port of 127.0.0.1. */
  static open(): Promise<Dispatcher> {
    const routes = new Map<string, Take>();
    const app = new Hono();
    app.use(
      bodyLimit({
        maxSize: maxEventBytes,
        onError: (c) => c.json({ error: "The event is too large." }, 413),
      }),
    );
    app.post("/events/:token", async (c) => {
      const take = routes.get(c.req.param("token"));
      if (!take) return c.json({ error: "There is no such trigger." }, 404);
      let message: unknown;
      try {
        message = await c.req.json();
      } catch {
        return c.json({ error: "The event is no JSON." }, 400);
      }
      try {
        await take(message);
        return c.json({ status: "ok" });
      } catch (error) {
        const again = isVedetteError(error) && error.verdict.verdict === "retry";
        return c.json({ error: messageOf(error) }, again ? 503 : 400);
      }
    });
    return new Promise((resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
        resolve(new Dispatcher(routes, server, port)),
      );
      server.once("error", reject);
    });
  }

  /** Opens a way in; `take` resolves when an event is durable. */
  route(take: Take): DispatchRoute {
    const token = randomBytes(24).toString("hex");
    this.#routes.set(token, take);
    return {
      url: `http://127.0.0.1:${this.#port}/events/${token}`,
      close: () => void this.#routes.delete(token),
    };
  }

  async close(): Promise<void> {
    if ("closeAllConnections" in this.#server) this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
