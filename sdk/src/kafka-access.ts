import { z } from "zod";
import { hostPort, isLoopbackAddress } from "./address.ts";
import { type TlsClientSettings, tlsClientProblem, tlsClientSettings } from "./tls-client.ts";

/** A name as Kafka takes it for topics and groups. */
export const kafkaName = z.string().regex(/^[\w.-]{1,249}$/, "Expected up to 249 letters, digits and . _ -");

/** How to reach a Kafka cluster and to log in: the part of settings that everything that talks to Kafka shares. */
export const kafkaAccess = {
  brokers: z
    .array(hostPort)
    .min(1)
    .max(64)
    .describe("Brokers to ask first, `host:port`; they name the others."),
  tls: tlsClientSettings
    .extend({ enabled: z.boolean().default(false).describe("Connect with TLS.") })
    .prefault({})
    .describe("Protection of the connections."),
  sasl: z
    .strictObject({
      mechanism: z
        .enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
        .default("SCRAM-SHA-512")
        .describe("How to log in."),
      username: z.string().min(1).max(1_024).describe("User to log in as."),
      password: z.string().min(1).max(8_192).describe("Password of the user; use `${secret:name}`."),
    })
    .optional()
    .describe("Login. Default: none."),
  dangerouslyAllowPlaintext: z
    .boolean()
    .default(false)
    .describe(
      "Connect without TLS to addresses other than loopback. Records and password travel unprotected.",
    ),
};

interface Access {
  readonly brokers: readonly string[];
  readonly tls: TlsClientSettings & { readonly enabled: boolean };
  readonly dangerouslyAllowPlaintext: boolean;
}

/** What is wrong with them together, as issues for the context of a zod refinement. */
export function kafkaAccessProblems({ brokers, tls, dangerouslyAllowPlaintext }: Access) {
  const problems: { code: "custom"; message: string; path: (string | number)[]; input: unknown }[] = [];
  const open = brokers.findIndex((broker) => !isLoopbackAddress(broker));
  if (open >= 0 && !tls.enabled && !dangerouslyAllowPlaintext) {
    const message =
      "Records would travel unprotected; set tls.enabled, or allow it with dangerouslyAllowPlaintext.";
    problems.push({ code: "custom", message, path: ["brokers", open], input: brokers[open] });
  }
  const wrong = tlsClientProblem(tls);
  if (wrong !== undefined) problems.push({ code: "custom", message: wrong, path: ["tls"], input: tls });
  return problems;
}
