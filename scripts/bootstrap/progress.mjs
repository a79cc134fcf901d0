/** Progress lines on stderr, so that stdout stays the command's own. */
const SLOW_MS = 10_000;

const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/**
 * Runs `work` under the title `[step/steps] title`. A terminal gets one line that moves; anything else gets a line at
 * the start, one every 10 s and one at the end. `work` receives a function that sets the detail shown.
 */
export const step = async (label, work, out = process.stderr) => {
  const started = Date.now();
  let detail = "";
  const text = () => `${label}${detail === "" ? "" : `: ${detail}`}`;
  const draw = () => out.write(`\r\x1b[2K${text()} …  ${seconds(started)}`);
  if (!out.isTTY) out.write(`${label} …\n`);
  const timer = out.isTTY
    ? setInterval(draw, 200)
    : setInterval(() => out.write(`${text()} …  ${seconds(started)}\n`), SLOW_MS);
  const end = (word) => {
    clearInterval(timer);
    out.write(`${out.isTTY ? "\r\x1b[2K" : ""}${label}  ${word} ${seconds(started)}\n`);
  };
  try {
    const result = await work((next) => {
      detail = next;
    });
    end("done in");
    return result;
  } catch (error) {
    end("failed after");
    throw error;
  }
};
