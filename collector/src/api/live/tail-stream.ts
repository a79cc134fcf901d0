import type { Event } from "@vedette/sdk";
import type { TailBus } from "./tail-bus.ts";

/** Events held for one client that reads slowly; further ones are dropped and counted. */
const bufferSize = 1_000;
/** Events sent in one go, so that a page is not drowned. */
const chunkSize = 200;
const heartbeatMs = 15_000;

interface TailOptions {
  readonly bus: TailBus;
  readonly matches: (event: Event) => boolean;
  readonly signal: AbortSignal;
}

/**
 * A stream of server-sent events: `event` with an event as JSON, `dropped` with `{count}` where the client was too slow
 * or too much was stored at once, and a comment as heartbeat. Undefined when there are too many tails.
 */
export function tailStream({ bus, matches, signal }: TailOptions): ReadableStream<Uint8Array> | undefined {
  const buffer: Event[] = [];
  let dropped = 0;
  let wake = () => {};
  const unsubscribe = bus.subscribe((events, skipped) => {
    dropped += skipped;
    for (const event of events) {
      if (!matches(event)) continue;
      if (buffer.length < bufferSize) buffer.push(event);
      else dropped += 1;
    }
    if (buffer.length > 0 || dropped > 0) wake();
  });
  if (!unsubscribe) return undefined;
  const stop = () => {
    unsubscribe();
    wake();
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });

  const waitForNews = () =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), heartbeatMs);
      wake = () => {
        clearTimeout(timer);
        wake = () => {};
        resolve(true);
      };
    });

  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode("retry: 2000\n: tail\n\n")),
      // Called only when the client has taken what was sent before: the buffer is what back-pressure costs.
      async pull(controller) {
        const news = buffer.length > 0 || dropped > 0 || signal.aborted || (await waitForNews());
        if (signal.aborted) return controller.close();
        if (!news) return controller.enqueue(encoder.encode(": still here\n\n"));
        const events = buffer.splice(0, chunkSize);
        const lines = events.map(
          (event) => `event: event\nid: ${idLine(event.id)}\ndata: ${JSON.stringify(event)}\n\n`,
        );
        if (dropped > 0 && buffer.length === 0) {
          lines.push(`event: dropped\ndata: {"count":${dropped}}\n\n`);
          dropped = 0;
        }
        controller.enqueue(encoder.encode(lines.join("")));
      },
      cancel: stop,
    },
    { highWaterMark: 1 },
  );
}

/** An id may not break the line it stands on. */
const idLine = (id: string | undefined): string => (id ?? "").replaceAll(/[\r\n\0]/g, "");
