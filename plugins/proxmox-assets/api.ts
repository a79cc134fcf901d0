import { readFile } from "node:fs/promises";
import { type FetchOptions, isLoopback, messageOf, type PluginContext } from "@vedette/sdk";
import { type Got, getJson, remoteFailed, requireYes } from "../_assets/get.ts";
import type { Settings } from "./settings.ts";

type Item = Readonly<Record<string, unknown>>;

const pageItems = 500;
const maxPages = 100;

/** The API of Proxmox VE (`/api2/json`), asked with a token. */
export class Proxmox {
  readonly #base: string;
  readonly #sent: Pick<FetchOptions, "headers" | "tls">;
  readonly #context: PluginContext<Settings>;

  private constructor(
    base: string,
    sent: Pick<FetchOptions, "headers" | "tls">,
    context: PluginContext<Settings>,
  ) {
    this.#base = base;
    this.#sent = sent;
    this.#context = context;
  }

  /** Throws where the certificate authorities cannot be read. Asks nothing yet. */
  static async open(context: PluginContext<Settings>): Promise<Proxmox> {
    const { apiUrl, tokenId, tokenSecret, tls, authorityFile } = context.settings;
    const { protocol, hostname } = new URL(apiUrl);
    if (protocol !== "https:" && !isLoopback(hostname.replace(/^\[|\]$/g, "")))
      throw new Error("The token would travel readable: use https.");
    const base = apiUrl.replace(/\/+$/, "").replace(/\/api2(\/json)?$/, "");
    const headers = { authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` };
    if (tls === "verify") return new Proxmox(base, { headers }, context);
    if (tls === "dangerouslyUnverified")
      return new Proxmox(base, { headers, tls: { rejectUnauthorized: false } }, context);
    try {
      return new Proxmox(base, { headers, tls: { ca: await readFile(authorityFile) } }, context);
    } catch (error) {
      throw new Error(`The authorities ${authorityFile} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Host name of the server that is asked; part of what assets are called. */
  get host(): string {
    return new URL(this.#base).hostname;
  }

  /** The answer to one request, whatever it says. Throws where there is none. */
  async get(path: string): Promise<Got> {
    const url = `${this.#base}/api2/json${path}`;
    try {
      return await getJson(url, this.#sent, this.#context);
    } catch (error) {
      throw remoteFailed(`Proxmox cannot be asked: ${messageOf(error)}`, error);
    }
  }

  /** `data` of an answer. Throws where the answer is no. */
  async data(path: string): Promise<unknown> {
    const got = await this.get(path);
    requireYes(`${this.#base}/api2/json${path}`, got);
    return dataOf(got);
  }

  /** A whole list, page after page where the server says that there is more (`total`). */
  async list(path: string): Promise<Item[]> {
    const items = await this.listIfAllowed(path);
    if (items === undefined) throw remoteFailed(`${this.host} does not let the token have ${path}.`);
    return items;
  }

  /** The same; undefined where the token may not have it, or an older server does not know it. */
  async listIfAllowed(path: string): Promise<Item[] | undefined> {
    const items = new Map<string, Item>();
    for (let page = 0; page < maxPages; page++) {
      const begin = `${path.includes("?") ? "&" : "?"}start=${items.size}&limit=${pageItems}`;
      const got = await this.get(page === 0 ? path : `${path}${begin}`);
      if (page === 0 && [401, 403, 404, 501].includes(got.status)) return undefined;
      requireYes(`${this.#base}/api2/json${path}`, got);
      const data = dataOf(got);
      if (!Array.isArray(data)) throw remoteFailed(`${this.host} answered no list for ${path}.`);
      const before = items.size;
      for (const each of data as unknown[])
        if (isItem(each)) items.set(String(each["id"] ?? each["vmid"] ?? each["node"] ?? items.size), each);
      const { total } = got.body as { total?: unknown };
      // A server that counts more than it gives would be asked for ever.
      if (typeof total !== "number" || items.size >= total || items.size === before)
        return [...items.values()];
    }
    throw remoteFailed(`${this.host} has more than ${maxPages} pages of ${path}.`);
  }
}

const isItem = (value: unknown): value is Item =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function dataOf({ body }: Got): unknown {
  if (!isItem(body) || !("data" in body))
    throw remoteFailed("The answer is not one of Proxmox: it has no data.");
  return body["data"];
}
