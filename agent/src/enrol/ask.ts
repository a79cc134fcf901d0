import { Call, CallError, type ClientTls, status } from "@vedette/core/grpc";

/** Where a call of one message goes. */
export interface Question {
  readonly address: string;
  readonly path: string;
  readonly tls: ClientTls;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

const callOptions = { maxMessageBytes: 65_536, keepAliveMs: 20_000, keepAliveTimeoutMs: 10_000 } as const;

/** Sends one message once the server has proved who it is, and gives the one that answers. Rejects with a CallError. */
export function ask(
  { timeoutMs, ...where }: Question,
  message: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer: Buffer | undefined;
    const finish = (code: number, details: string): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      call.cancel();
      if (answer && code === status.ok) resolve(answer);
      else reject(new CallError({ code, details }));
    };
    const call = new Call(
      { ...callOptions, ...where },
      {
        message: (bytes) => {
          answer = bytes;
        },
        drain: () => undefined,
        ended: ({ code, details }) =>
          finish(code === status.ok && !answer ? status.internal : code, details || "There was no answer."),
      },
    );
    const stop = (): void => finish(status.cancelled, "It was stopped.");
    const timer = setTimeout(
      () => finish(status.deadlineExceeded, `There was no answer within ${timeoutMs / 1_000} s.`),
      timeoutMs,
    );
    signal.addEventListener("abort", stop, { once: true });
    call.write([message]);
  });
}
