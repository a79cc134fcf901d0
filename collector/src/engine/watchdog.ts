const ASKS = 6;

/**
 * Asks `url` for a sign of life again and again, and calls `hung` once there was none for `hangAfterMs`.
 * Returns how to stop.
 */
export function watchAnswers(url: string, hangAfterMs: number, hung: () => void): () => void {
  const everyMs = hangAfterMs / ASKS;
  let answered = performance.now();
  const ask = async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(everyMs) });
      if (response.ok) answered = performance.now();
      await response.body?.cancel();
    } catch {
      // Silence is judged below, over several asks: one late answer says nothing.
    }
    if (performance.now() - answered <= hangAfterMs) return;
    clearInterval(timer);
    hung();
  };
  const timer = setInterval(() => void ask(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
