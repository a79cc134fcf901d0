import { readFile, stat } from "node:fs/promises";
import {
  type AssetsCapability,
  type Health,
  messageOf,
  type PluginContext,
  type ReportedAsset,
} from "@vedette/sdk";
import { getJson, requireYes } from "../_assets/get.ts";
import { limits, readJson } from "../_assets/json.ts";
import { readInventory } from "./inventory.ts";
import type { Settings } from "./settings.ts";

/** What became of the last inventory, for people. */
interface Last {
  readonly at: number;
  readonly systems: number;
  readonly refused: number;
  readonly first?: string;
}

/** Systems and programs of an inventory. */
export const assets: AssetsCapability<Settings> = {
  every: ({ pollInterval }) => pollInterval,
  staleAfter: ({ offlineAfterHours }) => offlineAfterHours * 3_600,
  async assets(context) {
    const { source, file, url } = context.settings;
    if (source === "sent" || (source === "file" ? file : url) === "") return undefined;
    return take(await (source === "file" ? fromFile(file) : fromUrl(url, context)), context);
  },
  read: (document, context) => take(document, context),
};

/** How the last inventory was. Failures of reading it are shown by themselves. */
export async function health({ settings, state }: PluginContext<Settings>): Promise<Health> {
  const { source, file, url } = settings;
  if (source !== "sent" && (source === "file" ? file : url) === "")
    return { status: "warning", message: `There is no ${source === "file" ? "file" : "address"} to read.` };
  const last = await state.get<Last>("last");
  if (!last) return { status: "healthy", message: "No inventory has come yet." };
  const message = `${last.systems} systems at ${new Date(last.at).toISOString()}.`;
  if (last.refused === 0) return { status: "healthy", message };
  return {
    status: "warning",
    message: `${message} ${last.refused} parts were left out: ${last.first ?? ""}`,
  };
}

async function take(document: unknown, context: PluginContext<Settings>): Promise<readonly ReportedAsset[]> {
  const { assets: found, refused } = readInventory(document);
  const [first] = refused;
  if (first !== undefined)
    context.log.warn({ count: refused.length, first }, "Parts of an inventory do not fit and were left out.");
  const last: Last = {
    ...{ at: context.clock.now(), systems: found.length, refused: refused.length },
    ...(first === undefined ? {} : { first }),
  };
  await context.state.set("last", last);
  return found;
}

async function fromFile(file: string): Promise<unknown> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw new TypeError("it is no file.");
    if (stats.size > limits.bytes) throw new RangeError(`it has more than ${limits.bytes} bytes.`);
    return await readJson(await readFile(file));
  } catch (error) {
    throw new Error(`The inventory ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function fromUrl(url: string, context: PluginContext<Settings>): Promise<unknown> {
  const { token } = context.settings;
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const got = await getJson(url, { headers, redirects: 3 }, context);
  requireYes(url, got);
  return got.body;
}
