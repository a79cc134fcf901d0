import { createServer } from "node:net";
import { messageOf, VedetteError } from "@vedette/sdk";

/**
 * Makes sure that an address can be had before anything slow is started. Throws `transport.unavailable`, naming the key
 * of the configuration that asks for it.
 */
export async function requireAddress(
  key: string,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const message = `Cannot listen on ${at.host}:${at.port} (${key}): ${messageOf(error)}. End what uses it, or choose another port.`;
      reject(new VedetteError("transport.unavailable", message, { verdict: "stop" }, { cause: error }));
    });
    server.listen(at.port, at.host, () => server.close(() => resolve()));
  });
}
