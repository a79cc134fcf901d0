import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const { body, type } = JSON.parse(readFileSync(0, "utf8"));
const { host, port, key } = body.connection;
// Of the key a hash, which tells a test what nobody else can read.
const seen = `${host}:${port} ${createHash("sha256").update(key.secretKey).digest("hex").slice(0, 16)}`;
const test = process.argv.includes("test");
if (test && key.secretKey.startsWith("wrong")) {
  const error = {
    status: "error",
    error: "x",
    exception: { cause: `Invalid key ${key.secretKey}.`, assistance: "" },
  };
  process.stdout.write(
    JSON.stringify({ version: "v1", type: "action_event", body: { meta: {}, log: "", ...error } }),
  );
  process.exit(1);
}
const count = (body.state?.count ?? 0) + 1;
const answer =
  type === "task_start" && !test
    ? { output: [{ seen, count }], state: { count }, has_more_pages: false, status_code: 200 }
    : { output: { seen } };
const kind = type.replace("_start", "_event");
process.stdout.write(
  JSON.stringify({ version: "v1", type: kind, body: { status: "ok", meta: {}, log: "", ...answer } }),
);
