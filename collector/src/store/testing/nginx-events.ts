import { BatchBuilder, decodeBatch, encodeNative, uuidv7 } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

const agents = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "curl/8.14.1",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Prometheus/3.5.0",
];
const pages = [
  "/",
  "/login",
  "/api/v1/items",
  "/assets/app.js",
  "/images/logo.png",
  "/search",
  "/admin",
  "/robots.txt",
];
const countries = [
  ["DE", "Germany"],
  ["FR", "France"],
  ["US", "United States"],
  ["JP", "Japan"],
  ["BR", "Brazil"],
] as const;
const statuses = [200, 200, 200, 200, 301, 304, 404, 500];

/** A generator of whole numbers below `n`, the same at every run. */
function random(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** Events as the nginx pipeline and the GeoIP enrichment leave them: 200-byte lines, a few thousand clients. */
export function nginxEvents(count: number, start: number, seed = 1, dataType = "nginx"): Event[] {
  const below = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(start + Math.floor(i / 10)).toISOString();
    const client = below(4_000);
    const ip = `203.${client >> 8}.${client & 255}.${(client * 7) & 255}`;
    const agent = agents[below(agents.length)]!;
    const path = `${pages[below(pages.length)]!}?id=${below(100_000)}`;
    const status = statuses[below(statuses.length)]!;
    const bytes = below(50_000);
    const [countryCode, country] = countries[client % countries.length]!;
    return {
      id: `${seed.toString(16).padStart(8, "0")}${i.toString(16).padStart(24, "0")}`,
      "@timestamp": time,
      deviceTime: time,
      ingestedAt: time,
      dataType,
      dataSource: "web-1",
      tenantId: "default",
      agentId: "web-1",
      eventType: "web.access",
      severity: status >= 400 ? "medium" : "info",
      action: "GET",
      actionResult: status < 400 ? "success" : "failure",
      protocol: "HTTP/1.1",
      statusCode: status,
      origin: {
        ip,
        bytesReceived: bytes,
        geolocation: {
          country,
          countryCode,
          latitude: 51.5 + client / 1e3,
          longitude: 7.1,
          asn: String(64_500 + (client % 300)),
          aso: `Example Net ${client % 300}`,
        },
      },
      target: { host: "shop.example.com", path },
      log: { userAgent: agent, referer: "https://shop.example.com/", requestTime: below(2_000) / 1_000 },
      raw: `${ip} - - [${time}] "GET ${path} HTTP/1.1" ${status} ${bytes} "https://shop.example.com/" "${agent}"`,
    };
  });
}

/** The events as one sealed and opened batch. */
export function batchWith(events: readonly Event[], sequence = 1) {
  const builder = new BatchBuilder(events[0]?.dataType ?? "nginx", { rows: 100_000, bytes: 1 << 30 });
  for (const [i, event] of events.entries()) {
    builder.append(event, { source: "access.log", offset: i * 200, end: (i + 1) * 200 });
  }
  const batchId = uuidv7(Date.UTC(2026, 0, 1) + sequence);
  return decodeBatch(builder.seal({ batchId, agentId: "web-1", epoch: 1, sequence, codec: "none" }).frame);
}

/** The events as one Native block. */
export const nativeOf = (events: readonly Event[]): Buffer => Buffer.concat(encodeNative(batchWith(events)));
