import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@vedette/sdk/testing";
import { until } from "./until.ts";

const exec = promisify(execFile);
/** PostgreSQL refuses to run as root; this user is on every system. */
const unprivileged = { name: "nobody", uid: 65_534, gid: 65_534 };
const superuser = { name: "keeper", password: "keeper's secret" };

/** Where the server's programs are: on the path, or where Debian keeps each version's, the newest first. */
function programs(): string | undefined {
  const debian = "/usr/lib/postgresql";
  let versions: string[] = [];
  try {
    versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
  } catch {
    // Not a Debian with PostgreSQL.
  }
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.find((folder) =>
    ["postgres", "initdb", "psql"].every((program) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

/** Why no PostgreSQL can be started here; undefined where one can. Throws in CI, whose script installs it. */
export function noPostgres(): string | undefined {
  if (programs() !== undefined) return undefined;
  const missing = "PostgreSQL is not installed";
  if (process.env["CI"] === "true") throw new Error(`${missing}; .ci/run installs it.`);
  return missing;
}

export interface PostgresOptions {
  /** Certificate and key of the server, PEM; without them it speaks no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** A real PostgreSQL on loopback, in a folder of its own. May be ended without warning and started again. */
export class Postgres {
  readonly port: number;
  readonly #bin: string;
  readonly #dir: string;
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(bin: string, dir: string, port: number) {
    this.#bin = bin;
    this.#dir = dir;
    this.port = port;
  }

  static async start({ tls }: PostgresOptions = {}): Promise<Postgres> {
    const bin = programs();
    if (bin === undefined) throw new Error("PostgreSQL is not installed.");
    const dir = mkdtempSync(join(tmpdir(), "vedette-postgres-"));
    const server = new Postgres(bin, dir, await freePort());
    try {
      await server.#prepare(tls);
      await server.up();
    } catch (error) {
      await server.stop();
      throw new Error(`${String(error)}\n${server.#output}`, { cause: error });
    }
    return server;
  }

  async #prepare(tls: PostgresOptions["tls"]): Promise<void> {
    own(this.#dir);
    const password = join(this.#dir, "password");
    writeFileSync(password, superuser.password);
    own(password);
    const data = join(this.#dir, "data");
    mkdirSync(data, { mode: 0o700 });
    own(data);
    const login = ["-U", superuser.name, "--auth=scram-sha-256", `--pwfile=${password}`];
    const [program, args] = asOther(join(this.#bin, "initdb"), [
      "-D",
      data,
      ...login,
      "--locale=C",
      "--encoding=UTF8",
      "--no-sync",
    ]);
    await exec(program, args, { cwd: this.#dir });
    const settings = [
      "listen_addresses = '127.0.0.1'",
      `port = ${this.port}`,
      "unix_socket_directories = ''",
      "max_connections = 30",
      "shared_buffers = 16MB",
      "fsync = off",
    ];
    if (tls) {
      for (const [name, file] of [
        ["server.pem", tls.certFile],
        ["server.key", tls.keyFile],
      ] as const) {
        const copy = join(data, name);
        copyFileSync(file, copy);
        chmodSync(copy, 0o600);
        own(copy);
      }
      settings.push("ssl = on", "ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'");
    }
    const file = join(data, "postgresql.auto.conf");
    writeFileSync(file, `${settings.join("\n")}\n`);
    own(file);
  }

  /** Starts the server and resolves when it answers. */
  async up(): Promise<void> {
    const [program, args] = asOther(join(this.#bin, "postgres"), ["-D", join(this.#dir, "data")]);
    const child = spawn(program, args, { cwd: this.#dir, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    this.#child = child;
    await until("PostgreSQL", async () => child.exitCode !== null || (await this.sql("select 1")) === "1");
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with code ${child.exitCode}.`);
  }

  /** Runs statements as superuser and gives what psql prints, a row a line. */
  async sql(statements: string, database = "postgres"): Promise<string> {
    const where = ["-h", "127.0.0.1", "-p", String(this.port), "-U", superuser.name, "-d", database];
    const { stdout } = await exec(
      join(this.#bin, "psql"),
      [...where, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statements],
      {
        env: { ...process.env, PGPASSWORD: superuser.password, PGCONNECT_TIMEOUT: "5" },
      },
    );
    return stdout.trim();
  }

  /** A new database and a user that owns it and may do nothing else, as a person would set them up. */
  async database(name: string, password: string): Promise<{ readonly url: string }> {
    await this.sql(`create role "${name}" login password '${password.replaceAll("'", "''")}'`);
    await this.sql(`create database "${name}" owner "${name}"`);
    return { url: `postgres://${name}@127.0.0.1:${this.port}/${name}` };
  }

  /** Ends the server: at once and leaving its connections in the lurch, unless asked otherwise. */
  async down(signal: NodeJS.Signals = "SIGQUIT"): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const isRoot = process.getuid?.() === 0;

function own(path: string): void {
  if (isRoot) chownSync(path, unprivileged.uid, unprivileged.gid);
}

/** The same command, as another user where we are root. `setpriv` becomes the program, so signals reach it. */
function asOther(program: string, args: readonly string[]): readonly [string, string[]] {
  if (!isRoot) return [program, [...args]];
  const { name, gid } = unprivileged;
  return ["setpriv", [`--reuid=${name}`, `--regid=${gid}`, "--clear-groups", program, ...args]];
}
