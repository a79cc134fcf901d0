import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type Context, Hono } from "hono";
import type { ApiEnv } from "./guard/index.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

/** Addresses within the page; each answers with the same document. */
const views = [
  "/",
  "/overview",
  "/events",
  "/incidents",
  "/alerts",
  "/silences",
  "/scorecard",
  "/actions",
  "/risks",
  "/sources",
  "/audit",
  "/jobs",
  "/workflows",
  "/notifications",
  "/deliveries",
  "/address",
  "/assets",
  "/plugins",
  "/connections",
  "/packs",
  "/rollups",
  "/answer",
];

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly immutable: boolean;
  readonly plain: Buffer;
  /** Compressed on the first request that takes it, then kept. */
  br?: Promise<Buffer>;
  gzip?: Promise<Buffer>;
}

const compressBr = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** Serves the built page from memory. Files under `assets/` have hashed names and may be kept for ever. */
export function pageRoutes(dir: string): Hono<ApiEnv> {
  const assets = load(dir);
  const app = new Hono<ApiEnv>();
  const index = assets.get("/index.html");
  if (index) for (const view of views) app.get(view, (c) => answer(c, index));
  for (const [path, asset] of assets) app.get(path, (c) => answer(c, asset));
  return app;
}

function load(dir: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined || entry.name === "inputs.json") continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(dir, file).split(sep).join("/")}`;
    const plain = readFileSync(file);
    const hash = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
    assets.set(path, { type, etag: hash, immutable: path.startsWith("/assets/"), plain });
  }
  return assets;
}

async function answer(c: Context<ApiEnv>, asset: Asset): Promise<Response> {
  const accepted = c.req.header("accept-encoding") ?? "";
  const encoding =
    asset.plain.length < 512 ? "" : /\bbr\b/.test(accepted) ? "br" : /\bgzip\b/.test(accepted) ? "gzip" : "";
  const etag = `"${asset.etag}${encoding === "" ? "" : `-${encoding}`}"`;
  const headers: Record<string, string> = {
    "content-type": asset.type,
    etag,
    vary: "accept-encoding",
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if ((c.req.header("if-none-match") ?? "").split(/, */).includes(etag)) return c.body(null, 304, headers);
  if (encoding !== "") headers["content-encoding"] = encoding;
  return c.body(new Uint8Array(await bytesOf(asset, encoding)), 200, headers);
}

function bytesOf(asset: Asset, encoding: string): Promise<Buffer> | Buffer {
  if (encoding === "br") {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 10 };
    asset.br ??= compressBr(asset.plain, { params });
    return asset.br;
  }
  if (encoding === "gzip") {
    asset.gzip ??= compressGzip(asset.plain, { level: 9 });
    return asset.gzip;
  }
  return asset.plain;
}
