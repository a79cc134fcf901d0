import { closeSync, openSync, writeSync } from "node:fs";
import { seeded } from "@vedette/testkit";
import { accessLog } from "../pipeline/access-log.ts";

/** A kind of log that every program reads from the same file. */
export type InputKind = "nginx" | "sshd" | "traefik";

const users = ["root", "admin", "deploy", "anna", "git", "oracle", "test", "ubuntu"];

/** Lines of OpenSSH in an auth log: failures, logins, disconnects and sessions as a public host sees them. */
function authLog(lines: number, random: (below: number) => number): string {
  let text = "";
  for (let i = 0; i < lines; i++) {
    const second = Math.floor(i / 200);
    const two = (value: number): string => String(value).padStart(2, "0");
    const time = `Jan 15 ${two(Math.floor(second / 3_600) % 24)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
    const ip = `198.51.${random(200)}.${1 + random(250)}`;
    const user = users[random(users.length)] ?? "root";
    const port = 30_000 + random(30_000);
    const said = [
      `Failed password for ${user} from ${ip} port ${port} ssh2`,
      `Failed password for invalid user ${user} from ${ip} port ${port} ssh2`,
      `Invalid user ${user} from ${ip} port ${port}`,
      `Accepted publickey for ${user} from ${ip} port ${port} ssh2: ED25519 SHA256:Kx1bAbcdEfghIjklMnopQrstUvwxYz0123456789abc`,
      `Connection closed by authenticating user ${user} ${ip} port ${port} [preauth]`,
      `Disconnected from ${ip} port ${port}`,
    ][random(6)];
    text += `${time} web-1 sshd[${1_000 + random(9_000)}]: ${said}\n`;
  }
  return text;
}

/** Lines of Traefik's JSON access log, of the size and shape of the real ones (about 1 KB, 34 keys). */
function traefikLog(lines: number, random: (below: number) => number): string {
  let text = "";
  for (let i = 0; i < lines; i++) {
    const start = new Date(1_768_478_400_000 + i * 3).toISOString();
    const ip = `198.51.${random(200)}.${1 + random(250)}`;
    const port = String(30_000 + random(30_000));
    const status = [200, 200, 200, 304, 404, 403, 500][random(7)];
    const size = 200 + random(40_000);
    text += `${JSON.stringify({
      ClientAddr: `${ip}:${port}`,
      ClientHost: ip,
      ClientPort: port,
      ClientUsername: "-",
      DownstreamContentSize: size,
      DownstreamStatus: status,
      Duration: 100_000 + random(90_000_000),
      OriginContentSize: size,
      OriginDuration: 90_000 + random(80_000_000),
      OriginStatus: status,
      Overhead: 10_000 + random(100_000),
      RequestAddr: "shop.example.org",
      RequestContentSize: 0,
      RequestCount: i,
      RequestHost: "shop.example.org",
      RequestMethod: ["GET", "GET", "GET", "POST"][random(4)],
      RequestPath: `/shop/item/${random(2_000)}?ref=${random(100_000)}`,
      RequestPort: "-",
      RequestProtocol: "HTTP/2.0",
      RequestScheme: "https",
      RetryAttempts: 0,
      RouterName: "shop@docker",
      ServiceAddr: `172.20.0.${2 + random(6)}:8080`,
      ServiceName: "shop@docker",
      ServiceURL: "http://172.20.0.5:8080",
      StartLocal: start,
      StartUTC: start,
      TLSCipher: "TLS_AES_128_GCM_SHA256",
      TLSVersion: "1.3",
      "downstream_Content-Type": "text/html; charset=utf-8",
      entryPointName: "websecure",
      level: "info",
      msg: "",
      "request_User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
      time: start,
    })}\n`;
  }
  return text;
}

const makers = { nginx: accessLog, sshd: authLog, traefik: traefikLog };

/** Writes a log file and gives its size in bytes. The same seed gives the same lines. */
export function writeInput(file: string, kind: InputKind, lines: number): number {
  const random = seeded(7);
  const descriptor = openSync(file, "w");
  let bytes = 0;
  for (let done = 0; done < lines; done += 10_000)
    bytes += writeSync(descriptor, makers[kind](Math.min(10_000, lines - done), random));
  closeSync(descriptor);
  return bytes;
}
