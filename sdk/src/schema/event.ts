import { z } from "zod";
import { f64, fieldsOf, json, text, texts, time, u32, u64 } from "./fields.ts";

/** The version of the event schema; a batch carries it, a collector refuses a newer one. */
export const schemaVersion = 1;

const low = { column: true, lowCardinality: true } as const;
const high = { column: true } as const;

/** Where an address is, as far as a database knows. Country is a hint, never proof. */
export const geolocation = z.strictObject({
  country: text("Country name.", low),
  city: text("City name.", low),
  latitude: f64("Degrees north.", high),
  longitude: f64("Degrees east.", high),
  asn: u64("Autonomous system number.", high),
  aso: text("Organisation that holds the autonomous system.", low),
  countryCode: text("ISO 3166-1 alpha-2 code.", low),
  accuracy: u32("Radius of accuracy in kilometres."),
});

const disk = z.strictObject({
  name: z.string(),
  totalSpace: z.union([z.string(), z.int()]),
  usedPercent: z.int(),
});

/**
 * One party of an event: who did it (`origin`), to whom (`target`), or an alert's `adversary`.
 * Names and meaning follow the common schema of the EventProcessor, `Side` in its plugins.proto (MIT).
 */
export const side = z.strictObject({
  bytesSent: f64("Bytes this side sent.", high),
  bytesReceived: f64("Bytes this side received.", high),
  packagesSent: u64("Packets this side sent."),
  packagesReceived: u64("Packets this side received."),
  ip: text("IPv4 or IPv6 address.", high),
  host: text("Host name.", low),
  user: text("User or account name.", high),
  group: text("Group or role."),
  port: u32("Port number.", high),
  domain: text("Domain name.", low),
  mac: text("Hardware address."),
  geolocation: geolocation.optional(),
  url: text("Full or relative URL.", high),
  cidr: text("Network in CIDR notation."),
  certificateFingerprint: text("Fingerprint of an X.509 certificate."),
  ja3Fingerprint: text("JA3 TLS client fingerprint."),
  jarmFingerprint: text("JARM TLS server fingerprint."),
  sshBanner: text("SSH version banner."),
  sshFingerprint: text("Fingerprint of an SSH key."),
  cookie: text("HTTP cookie."),
  jabberId: text("XMPP address."),
  email: text("E-mail address."),
  dkim: text("DKIM domain or result."),
  dkimSignature: text("DKIM signature."),
  emailAddress: text("E-mail address as written in a message."),
  emailBody: text("Body of an e-mail."),
  emailDisplayName: text("Display name of a mailbox."),
  emailSubject: text("Subject of an e-mail."),
  emailThreadIndex: text("Thread-Index header of an e-mail."),
  emailXMailer: text("X-Mailer header of an e-mail."),
  whoisRegistrant: text("Registrant of a domain."),
  whoisRegistrar: text("Registrar of a domain."),
  process: text("Process or program name.", low),
  processState: text("State of a process."),
  command: text("Command line.", high),
  windowsScheduledTask: text("Name of a Windows scheduled task."),
  windowsServiceDisplayName: text("Display name of a Windows service."),
  windowsServiceName: text("Name of a Windows service."),
  file: text("File, as named by the source.", high),
  path: text("Path of a file or of a request.", high),
  filename: text("File name without its path."),
  sizeInBytes: text("Size of a file in bytes, as text."),
  mimeType: text("Media type."),
  hash: text("Hash of unnamed kind.", high),
  authentihash: text("Authenticode hash."),
  cdhash: text("Apple code directory hash."),
  md5: text("MD5 of a file."),
  sha1: text("SHA-1 of a file."),
  sha224: text("SHA-224 of a file."),
  sha256: text("SHA-256 of a file."),
  sha384: text("SHA-384 of a file."),
  sha3224: text("SHA3-224 of a file."),
  sha3256: text("SHA3-256 of a file."),
  sha3384: text("SHA3-384 of a file."),
  sha3512: text("SHA3-512 of a file."),
  sha512: text("SHA-512 of a file."),
  sha512224: text("SHA-512/224 of a file."),
  sha512256: text("SHA-512/256 of a file."),
  hex: text("Data in hexadecimal."),
  base64: text("Data in base64."),
  operatingSystem: text("Operating system."),
  chromeExtension: text("Identifier of a Chrome extension."),
  mobileAppId: text("Identifier of a mobile app."),
  cpe: text("Common Platform Enumeration name."),
  cve: text("CVE identifier."),
  malware: text("Name of a malware."),
  malwareFamily: text("Family of a malware."),
  malwareType: text("Type of a malware."),
  pgpPrivateKey: text("PGP private key."),
  pgpPublicKey: text("PGP public key."),
  connections: u64("Number of connections."),
  usedCpuPercent: u32("Used CPU in percent."),
  usedMemPercent: u32("Used memory in percent."),
  totalCpuUnits: u32("Number of CPU units."),
  totalMem: u64("Total memory in bytes."),
  disks: z
    .array(disk)
    .meta({
      vedette: { kind: "json", column: false, lowCardinality: false, description: "Disks of the host." },
    })
    .optional(),
});

export const severities = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/** A parsed, schema-checked log. Absent means empty: zero values are never written, as in protojson. */
export const event = z.strictObject({
  id: text("Deterministic identifier: the same line read twice has the same id.", high),
  "@timestamp": time("When the log was read, RFC 3339 in UTC. Steps cannot write it.", high),
  deviceTime: time(
    "When the source says it happened, RFC 3339. The time of read where it says nothing.",
    high,
  ),
  ingestedAt: time("When a collector accepted it.", high),
  dataType: text("Kind of log, which selects pipelines and rules, such as `nginx`.", low),
  dataSource: text("Host or device the log came from.", low),
  tenantId: text("Tenant identifier.", low),
  tenantName: text("Tenant name.", low),
  agentId: text("Agent that read the log.", low),
  assetId: text("Asset that the source is linked to.", low),
  eventType: text("What happened, dot-namespaced, such as `access.denied`.", low),
  severity: text("One of info, low, medium, high, critical.", low),
  action: text("What was attempted, in the source's words.", low),
  actionResult: text("`success`, `failed` or `denied`; empty when unknown.", low),
  protocol: text("Network or application protocol.", low),
  connectionStatus: text("State of the connection.", low),
  statusCode: u32("Numeric status, such as an HTTP status.", high),
  origin: side.optional(),
  target: side.optional(),
  log: json("Everything else the source said, under names of its own.", high),
  compliance: json("Compliance controls by framework: {name: {values: [...]}}."),
  errors: texts("What went wrong while parsing, in the order of the steps.", high),
  raw: text("The log as it was read. Steps cannot write it.", high),
});

export type Event = z.infer<typeof event>;
export type Side = z.infer<typeof side>;
export type Geolocation = z.infer<typeof geolocation>;

/** Every leaf of the event schema. The batch layout, the DDL and the reference page come from this list. */
export const eventFields = fieldsOf(event);

/** The leaf of a path, if the schema has it. `log.*` and unknown paths give undefined. */
export const eventField = (() => {
  const byPath = new Map(eventFields.map((field) => [field.path, field]));
  return (path: string) => byPath.get(path);
})();

/** Top-level names an event may have. */
export const eventKeys: ReadonlySet<string> = new Set(Object.keys(event.shape));

/** Written by inputs only; a step that targets one of these is refused when the pipeline is loaded. */
export const reservedKeys: ReadonlySet<string> = new Set(["raw", "@timestamp"]);

/** The tenant of logs that name none, the same as the EventProcessor's. */
export const defaultTenant = { id: "ce66672c-e36d-4761-a8c8-90058fee1a24", name: "Default" } as const;

/** What an input read, before any parsing. */
export const log = z.strictObject({
  id: z.string(),
  dataType: z.string(),
  dataSource: z.string(),
  "@timestamp": z.string(),
  tenantId: z.string().optional(),
  raw: z.string(),
});
export type Log = z.infer<typeof log>;
