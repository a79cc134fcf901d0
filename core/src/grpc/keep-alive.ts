/** A connection of HTTP/2. */
interface Pinged {
  readonly destroyed: boolean;
  readonly connecting: boolean;
  ping(answered: () => void): unknown;
}

export interface KeepAlive {
  /** How often the peer is asked for a sign of life, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long its answer may take. */
  readonly keepAliveTimeoutMs: number;
}

/** Pings the peer of a connection and calls `dead` where no answer comes. Call the answer to stop. */
export function keepAlive(session: Pinged, options: KeepAlive, dead: () => void): () => void {
  let deadline: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    if (session.destroyed || session.connecting) return;
    clearTimeout(deadline);
    deadline = setTimeout(dead, options.keepAliveTimeoutMs).unref();
    session.ping(() => clearTimeout(deadline));
  }, options.keepAliveMs).unref();
  return () => {
    clearInterval(timer);
    clearTimeout(deadline);
  };
}
