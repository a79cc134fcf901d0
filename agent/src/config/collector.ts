import { hostPort, isLoopbackAddress, parseAddress } from "@vedette/core/config";
import { z } from "zod";
import { collectorTls } from "./tls.ts";

/** `agent.collector`: ships batches straight to a collector. */
export const collectorTarget = z
  .strictObject({
    address: hostPort.default("127.0.0.1:8601").describe("Where the collector takes batches (gRPC)."),
    window: z
      .int()
      .min(1)
      .max(1_024)
      .default(64)
      .describe("Most batches sent and not yet acknowledged; the collector may allow fewer."),
    ackTimeoutSeconds: z
      .number()
      .min(1)
      .max(3_600)
      .default(60)
      .describe("After this time without any acknowledgement the connection is made anew."),
    tls: collectorTls
      .optional()
      .describe(
        "Ship over TLS 1.3. Needed to any address but loopback; its files are read again when they change.",
      ),
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe(
        "Ship without TLS to an address other than loopback. Test benches and private networks only.",
      ),
  })
  .superRefine(({ address, tls, dangerouslyAllowPlaintext }, context) => {
    if (tls || dangerouslyAllowPlaintext || isLoopbackAddress(address)) return;
    const message = `Logs would travel unprotected to ${parseAddress(address).host}; set agent.collector.tls.`;
    context.addIssue({ code: "custom", message, path: ["address"], input: address });
  });
