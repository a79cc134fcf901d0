import { credential } from "@vedette/sdk";
import { z } from "zod";
import { ownAuthority } from "../_channel/parts.ts";

const address = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    "Expected an address such as ops@example.org",
  );

/** Where mail goes and from whom. */
export const settings = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,255}$/, "Expected a host name or an address")
    .describe("The SMTP server."),
  port: z.int().min(1).max(65_535).default(587).describe("587 with STARTTLS, 465 with TLS from the start."),
  security: z
    .enum(["starttls", "tls", "dangerouslyPlain"])
    .default("starttls")
    .describe(
      "`starttls` refuses a server that does not offer it. `dangerouslyPlain` sends everything readable: for a relay on this machine.",
    ),
  login: credential.usernamePassword({ title: "Login" }).optional(),
  from: address.describe("Address of the sender."),
  to: z.array(address).min(1).max(50).describe("Who gets it."),
  authority: ownAuthority,
});
export type Settings = z.infer<typeof settings>;
