import { hostPort, isLoopbackAddress, tlsServerSettings } from "@vedette/sdk";
import { z } from "zod";
import { networks } from "../_net/networks.ts";
import { secretSettings } from "../_net/secret.ts";

const KiB = 1_024;
const MiB = KiB * KiB;

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, "Expected the name of a header");

const bearer = z.strictObject({
  type: z.literal("bearer").describe("A token in the header `Authorization: Bearer`."),
  token: secretSettings.describe("The token: `{env: NAME}` or `{file: path}`."),
});

const basic = z.strictObject({
  type: z.literal("basic").describe("Name and password in the header `Authorization: Basic`."),
  user: z
    .string()
    .regex(/^[^:\p{Cc}]{1,255}$/u, "Expected a name without a colon")
    .describe("The name."),
  password: secretSettings.describe("The password: `{env: NAME}` or `{file: path}`."),
});

const hmac = z.strictObject({
  type: z
    .literal("hmac")
    .describe("A signature of the body, as webhooks send it. The defaults are GitHub's."),
  secret: secretSettings.describe("What signs: `{env: NAME}` or `{file: path}`."),
  header: headerName.default("X-Hub-Signature-256").describe("Header that holds the signature."),
  algorithm: z.enum(["sha256", "sha512", "sha1"]).default("sha256").describe("Hash function."),
  encoding: z.enum(["hex", "base64"]).default("hex").describe("How the signature is written."),
  prefix: z.string().max(100).default("sha256=").describe("What stands before the signature."),
  signed: z
    .enum(["body", "timestampAndBody"])
    .default("body")
    .describe(
      "What is signed. `timestampAndBody`: the header is `t=<unix seconds>,<prefix><signature>`, the text is the time, a dot and the body, as Stripe does it with the prefix `v1=`.",
    ),
  toleranceSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe("How far the signed time may be from this host's; older ones could be sent again by anybody."),
});

const auth = z.discriminatedUnion("type", [bearer, basic, hmac]);
export type AuthSettings = z.infer<typeof auth>;
export type HmacSettings = z.infer<typeof hmac>;

const route = z.strictObject({
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]{0,200}$/, "Expected a path such as /logs")
    .describe("Path of the requests, exactly."),
  dataType: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, "Expected a name of letters, digits and - _ . :")
    .optional()
    .describe("Kind of log of this path. Default: that of the input."),
  format: z
    .enum(["auto", "json", "ndjson", "lines", "text"])
    .default("auto")
    .describe(
      "What a body is: one JSON object or a list of them, one JSON object a line, one log a line, or one log. `auto` goes by the content type, and without one by the first character.",
    ),
  auth: z
    .array(auth)
    .max(16)
    .default([])
    .describe("Proofs of which a request must bring one. Without any, everybody may send."),
  headers: z
    .array(headerName)
    .max(16)
    .default([])
    .describe("Headers that are kept with every log as `log.input.<name>`, such as X-GitHub-Event."),
  idempotency: z
    .union([z.strictObject({ header: headerName }), z.literal("body")])
    .optional()
    .describe(
      "How a repeated request is known, which is then answered and not taken again: by a header, `{header: X-GitHub-Delivery}`, or by a hash of the `body`. Remembered in memory, the last 10,000.",
    ),
});
export type Route = z.infer<typeof route>;

/** Settings of the HTTP input. */
export const inputSettings = z
  .strictObject({
    listen: hostPort.default("127.0.0.1:8610").describe("Where requests are awaited, `host:port`."),
    tls: tlsServerSettings
      .optional()
      .describe("Certificate; with it the listener speaks HTTPS only, TLS 1.2 and later."),
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe("Listen without TLS on an address other than loopback, for use behind a TLS proxy."),
    dangerouslyAllowAnonymous: z
      .boolean()
      .default(false)
      .describe("Take logs without any proof on an address other than loopback."),
    routes: z
      .array(route)
      .min(1)
      .max(100)
      .default([{ path: "/logs", format: "auto", auth: [], headers: [] }])
      .describe("Paths that take logs."),
    healthPath: z
      .string()
      .regex(/^\/[A-Za-z0-9._~/-]{0,200}$/)
      .default("/health")
      .describe("Path that answers a GET with 200 while logs are taken and with 503 while they are not."),
    allow: networks.describe(
      "Addresses and networks in CIDR form that may connect. Default: all that can reach the listener.",
    ),
    maxBodyBytes: z
      .int()
      .min(KiB)
      .max(256 * MiB)
      .default(8 * MiB)
      .describe("Largest body as it is sent."),
    maxDecodedBytes: z
      .int()
      .min(KiB)
      .max(1_024 * MiB)
      .default(32 * MiB)
      .describe("Largest body after decompression."),
    maxRows: z.int().min(1).max(1_000_000).default(100_000).describe("Most logs of one request."),
    maxRowBytes: z
      .int()
      .min(KiB)
      .max(4 * MiB)
      .default(MiB)
      .describe("Longer logs are cut here, flagged and counted."),
    maxConcurrent: z
      .int()
      .min(1)
      .max(10_000)
      .default(128)
      .describe("Requests at the same time; further ones are told to come later."),
    memoryBytes: z
      .int()
      .min(MiB)
      .max(4_096 * MiB)
      .default(64 * MiB)
      .describe("Bytes of bodies held at the same time, over all requests."),
    requestsPerSecond: z
      .number()
      .min(0.1)
      .max(100_000)
      .default(1_000)
      .describe("Requests of one address per second, on average; twice as many at once."),
    headerSeconds: z.int().min(1).max(600).default(10).describe("Time a sender has for its headers."),
    bodySeconds: z.int().min(1).max(3_600).default(60).describe("Time a sender has for a whole request."),
    durableWithinMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(100)
      .describe(
        "Time after which the logs of a request are written to disk, however few they are; the answer waits for it.",
      ),
    answerSeconds: z
      .int()
      .min(1)
      .max(600)
      .default(30)
      .describe("Longest time until an answer; then 503, and the sender should come again."),
  })
  .superRefine(({ listen, tls, routes, healthPath, ...rest }, context) => {
    const issue = (message: string, path: (string | number)[], input: unknown): void =>
      context.addIssue({ code: "custom", message, path, input });
    const remote = !isLoopbackAddress(listen);
    if (remote && !tls && !rest.dangerouslyAllowPlaintext)
      issue(
        "Logs would travel unprotected; give it tls, or listen on loopback behind a proxy",
        ["listen"],
        listen,
      );
    const seen = new Set([healthPath]);
    for (const [index, { path, auth: proofs }] of routes.entries()) {
      if (seen.has(path)) issue("This path is taken already", ["routes", index, "path"], path);
      seen.add(path);
      if (remote && proofs.length === 0 && !tls?.clientCaFile && !rest.dangerouslyAllowAnonymous)
        issue("Everybody could send logs here; ask for a proof with auth", ["routes", index], path);
    }
  });
export type HttpSettings = z.infer<typeof inputSettings>;
