import { credential } from "@vedette/sdk";
import { z } from "zod";
import { ownAuthority } from "../_channel/parts.ts";

/** Settings by which a collector reaches a broker; parts of a strict object. */
export const brokerSettings = {
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,255}$/, "Expected a host name or an address")
    .describe("The broker."),
  port: z.int().min(1).max(65_535).default(8_883).describe("8883 with TLS, 1883 without."),
  security: z
    .enum(["tls", "dangerouslyPlain"])
    .default("tls")
    .describe(
      "`dangerouslyPlain` sends everything readable, the password too: for a broker on this machine.",
    ),
  login: credential.usernamePassword({ title: "Login" }).optional(),
  authority: ownAuthority,
};
