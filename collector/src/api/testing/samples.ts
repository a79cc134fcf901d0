import type { Event, Severity } from "@vedette/sdk";

/** A small deterministic random source (mulberry32), so that every run sees the same data. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const places = [
  ["DE", "Germany", 3320, "Example Telekom"],
  ["US", "United States", 14618, "Example Cloud"],
  ["CN", "China", 4134, "Example Backbone"],
  ["NL", "Netherlands", 60781, "Example Hosting"],
  ["FR", "France", 16276, "Example Datacenters"],
  ["BR", "Brazil", 28573, "Example Net"],
  ["IN", "India", 55836, "Example Mobile"],
  ["RU", "Russia", 12389, "Example Line"],
] as const;

const paths = [
  "/",
  "/login",
  "/cart",
  "/api/items?id=7",
  "/assets/app.js",
  "/wp-login.php",
  "/.env",
  "/admin",
];
const users = ["root", "admin", "deploy", "postgres", "oracle", "alice"];
const agents = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "python-requests/2.31", "Googlebot/2.1"];

type Pick = <T>(list: readonly T[]) => T;

/** An event of a small shop: web requests, log-ins at sshd and some noise. `time` in milliseconds since 1970. */
export function sampleEvent(index: number, time: number, random: () => number): Event {
  const pick: Pick = (list) => list[Math.floor(random() ** 1.6 * list.length)]!;
  const [countryCode, country, asn, aso] = pick(places);
  const ip = `${random() < 0.5 ? "203.0.113" : "198.51.100"}.${1 + Math.floor(random() ** 2 * 250)}`;
  const geolocation = { country, countryCode, asn: String(asn), aso };
  const base = {
    id: `sample-${String(index).padStart(9, "0")}`,
    "@timestamp": new Date(time).toISOString(),
    deviceTime: new Date(time - 20).toISOString(),
    ingestedAt: new Date(time + 180).toISOString(),
    agentId: random() < 0.7 ? "agent-web-1" : "agent-db-1",
    tenantName: "Default",
  };
  return random() < 0.62
    ? { ...base, ...request(pick, random, ip, geolocation) }
    : { ...base, ...login(pick, random, ip, geolocation) };
}

type Geo = NonNullable<NonNullable<Event["origin"]>["geolocation"]>;

function request(pick: Pick, random: () => number, ip: string, geolocation: Geo): Event {
  const path = pick(paths);
  const statusCode = pick([200, 200, 304, 404, 200, 302, 403, 500]);
  const bytes = Math.floor(random() * 40_000);
  const agent = pick(agents);
  const severity: Severity = statusCode >= 500 ? "medium" : statusCode === 403 ? "low" : "info";
  return {
    dataType: "nginx",
    dataSource: pick(["web-1", "web-2"]),
    eventType: statusCode === 403 ? "access.denied" : "access.request",
    severity: path === "/.env" ? "high" : severity,
    action: pick(["GET", "GET", "POST"]),
    actionResult: statusCode >= 400 ? "denied" : "success",
    protocol: "HTTP/1.1",
    statusCode,
    origin: { ip, geolocation, path, bytesSent: bytes },
    target: { host: "shop.example" },
    log: {
      method: "GET",
      userAgent: agent,
      upstream: { time: Math.round(random() * 900) / 1000 },
      retries: 1,
    },
    raw: `${ip} - - "GET ${path} HTTP/1.1" ${statusCode} ${bytes} "-" "${agent}"`,
  };
}

function login(pick: Pick, random: () => number, ip: string, geolocation: Geo): Event {
  const user = pick(users);
  const failed = random() < 0.8;
  const port = 20_000 + Math.floor(random() * 40_000);
  return {
    dataType: "sshd",
    dataSource: pick(["bastion", "db-1"]),
    eventType: failed ? "auth.failure" : "auth.success",
    severity: failed ? (user === "root" ? "medium" : "low") : "info",
    action: "login",
    actionResult: failed ? "failed" : "success",
    protocol: "ssh",
    origin: { ip, port, user, geolocation, process: "sshd", sshBanner: "SSH-2.0-OpenSSH_9.6" },
    log: { pid: 1000 + Math.floor(random() * 9_000), method: "password" },
    raw: `sshd[812]: ${failed ? "Failed" : "Accepted"} password for ${user} from ${ip} port ${port} ssh2`,
  };
}
