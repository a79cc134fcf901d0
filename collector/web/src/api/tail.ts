import { request } from "./client.ts";
import type { Event } from "./types.ts";

export interface TailHandlers {
  event(event: Event): void;
  /** Events that were not sent because there were too many. */
  dropped(count: number): void;
  /** True while the stream is open. */
  connected(open: boolean): void;
}

/** Longest server-sent event that is read; a longer one is skipped. */
const maxEvent = 4 * 1024 * 1024;

/** Follows the live tail until the signal aborts, and connects again with growing pauses. Throws problems of the search. */
export async function followTail(query: string, handlers: TailHandlers, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const response = await request(`/events/tail?${query}`, signal);
      handlers.connected(true);
      attempt = 0;
      await readStream(response, handlers);
    } catch (error) {
      if (signal.aborted) return;
      const status = (error as { status?: number }).status ?? 0;
      if (status >= 400 && status < 500 && status !== 429) throw error;
    } finally {
      handlers.connected(false);
    }
    await pause(Math.min(10_000, 1_000 * 2 ** attempt), signal);
  }
}

async function readStream(response: Response, handlers: TailHandlers): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    if (buffer.length > maxEvent) buffer = "";
    for (const block of blocks) dispatch(block, handlers);
  }
}

function dispatch(block: string, handlers: TailHandlers): void {
  let name = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (name === "event") handlers.event(JSON.parse(data) as Event);
  else if (name === "dropped") handlers.dropped((JSON.parse(data) as { count: number }).count);
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
