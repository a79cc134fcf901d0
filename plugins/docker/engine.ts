import { type IncomingMessage, request } from "node:http";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";

/** API version that every engine since 20.10 speaks. */
const version = "v1.41";
const maxJsonBytes = 32 * 2 ** 20;
const answerMs = 10_000;

const container = z.object({
  Id: z.string().regex(/^[0-9a-f]{12,64}$/),
  Names: z.array(z.string()).nullish(),
  Image: z.string().nullish(),
  State: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

/** A container as the list has it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

const event = z.object({
  Type: z.string().optional(),
  Action: z.string().optional(),
  Actor: z.object({ ID: z.string() }).optional(),
});

/** What happened to a container. */
export interface ContainerEvent {
  readonly action: string;
  readonly id: string;
}

/** The Docker Engine API over its socket (docs.docker.com/reference/api/engine), as far as following logs needs it. */
export class DockerEngine {
  readonly #socket: string;
  readonly #signal: AbortSignal;

  constructor(socket: string, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  /** Containers that run. Rejects where the engine does not answer or answers nonsense. */
  async containers(): Promise<Container[]> {
    const response = await this.#get(`/containers/json`);
    const list = z.array(container).parse(JSON.parse(await textOf(response)));
    return list.map(({ Id, Names, Image, Labels }) => ({
      id: Id,
      name: (Names?.[0] ?? Id.slice(0, 12)).replace(/^\//, ""),
      image: Image ?? "",
      labels: Labels ?? {},
    }));
  }

  /** Whether a container has a terminal, which decides the form of its log; undefined where it is gone. */
  async hasTerminal(id: string): Promise<boolean | undefined> {
    const response = await this.#get(`/containers/${id}/json`, [200, 404]);
    const json: unknown = JSON.parse(await textOf(response));
    if (response.statusCode === 404) return undefined;
    return z.object({ Config: z.object({ Tty: z.boolean() }) }).parse(json).Config.Tty;
  }

  /** The log of a container from a time on (seconds since 1970, with nanoseconds), as bytes; undefined where it is gone. */
  async log(
    id: string,
    {
      since,
      streams,
      tail,
    }: { readonly since: string; readonly streams: readonly string[]; readonly tail: "all" | "0" },
    signal: AbortSignal,
  ): Promise<IncomingMessage | undefined> {
    const query = new URLSearchParams({ follow: "1", timestamps: "1", since, tail });
    for (const stream of streams) query.set(stream, "1");
    const response = await this.#get(`/containers/${id}/logs?${query}`, [200, 404, 409], signal);
    if (response.statusCode === 200) return response;
    response.destroy();
    return undefined;
  }

  /** Starts and ends of containers until the connection ends. Calls `listening` when none can be missed any more. */
  async *events(listening: () => void): AsyncGenerator<ContainerEvent> {
    const filters = JSON.stringify({ type: ["container"], event: ["start", "die", "destroy"] });
    const response = await this.#get(`/events?${new URLSearchParams({ filters })}`);
    listening();
    let text = "";
    response.setEncoding("utf8");
    for await (const chunk of response as AsyncIterable<string>) {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      if (text.length > 2 ** 20) throw new Error("The engine sent an event that is too long.");
      for (const line of lines) {
        const parsed = line.trim() === "" ? undefined : event.safeParse(JSON.parse(line)).data;
        if (parsed?.Actor && parsed.Action !== undefined)
          yield { action: parsed.Action, id: parsed.Actor.ID };
      }
    }
  }

  #get(path: string, accepted: readonly number[] = [200], signal = this.#signal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath: this.#socket,
          path: `/${version}${path}`,
          headers: { Host: "docker" },
          signal,
          agent: false,
        },
        (response) => {
          clearTimeout(timer);
          if (accepted.includes(response.statusCode ?? 0)) {
            resolve(response);
            return;
          }
          void textOf(response).then(
            (text) => reject(new Error(`The engine answered ${response.statusCode}: ${text.slice(0, 300)}`)),
            reject,
          );
        },
      );
      const timer = setTimeout(() => call.destroy(new Error("The engine did not answer.")), answerMs);
      call.once("error", (error) => {
        clearTimeout(timer);
        reject(new Error(`The Docker engine cannot be asked: ${messageOf(error)}`, { cause: error }));
      });
      call.end();
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxJsonBytes) throw new Error("The engine's answer is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
