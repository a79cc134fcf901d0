import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSource, requireConfig, substitute } from "@vedette/core/config";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configFile } from "../../cli/src/config-file.ts";
import { grantStatements } from "../../collector/src/store/index.ts";
import { nodeOptions } from "../../scripts/bootstrap/launch.mjs";

const deploy = fileURLToPath(new URL("../../deploy/", import.meta.url));
const folder = join(deploy, "compose");
const text = readFileSync(join(folder, "compose.yaml"), "utf8");

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const dockerfile = readFileSync(join(deploy, "docker", "Dockerfile"), "utf8");
const example = readFileSync(join(folder, "env.example"), "utf8");

describe.each(services)("deploy/compose: %s", (_, service) => {
  it("runs one known version, without root, on a file system that it cannot change", () => {
    expect(service.image).toMatch(/^[\w./-]+:\d[\w.-]*$/);
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  });

  it("is published on loopback only", () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("can be asked how it is, unless it ends by itself", () => {
    expect(service.restart === "no" || service.healthcheck !== undefined).toBe(true);
  });

  it("waits for services that are there and can be waited for", () => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = compose.services[name];
      expect(other, name).toBeDefined();
      if (condition === "service_healthy") expect(other?.healthcheck, name).toBeDefined();
      else expect([condition, other?.restart]).toEqual(["service_completed_successfully", "no"]);
    }
  });

  it("mounts files and volumes that are there", () => {
    for (const volume of service.volumes ?? []) {
      const [from = "", , mode] = volume.startsWith("${") ? ["", "", "ro"] : volume.split(":");
      if (!from.startsWith(".")) {
        if (from !== "") expect(Object.keys(compose.volumes)).toContain(from);
      } else {
        expect(existsSync(join(folder, from)), from).toBe(true);
        expect(mode).toBe("ro");
      }
    }
  });

  it("is built by a stage that is there", () => {
    if (!service.build) return;
    const { context, dockerfile: file, target } = service.build;
    expect(existsSync(join(folder, context, file))).toBe(true);
    expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${target}$`, "m"));
  });
});

it("holds no secret, and says in env.example what it takes from the environment", () => {
  for (const [, { environment = {} }] of services)
    for (const [name, value] of Object.entries(environment))
      if (/PASSWORD|SECRET|TOKEN/.test(name)) expect(value, name).toMatch(/^\$\{\w+:\?see env\.example\}$/);
  const taken = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!));
  for (const name of taken) expect(example, name).toMatch(new RegExp(`^#?${name}=`, "m"));
  expect([...example.matchAll(/^(\w*PASSWORD)=(.+)$/gm)]).toEqual([]);
});

it.each(readdirSync(join(folder, "config")))("loads config/%s with what its containers are given", (name) => {
  const source = parseSource(readFileSync(join(folder, "config", name), "utf8"), name);
  const users = services.filter(([, { volumes }]) =>
    volumes?.some((volume) => volume.includes(`config/${name}`)),
  );
  expect(users.length).toBeGreaterThan(0);
  for (const [service, { environment = {} }] of users) {
    const { agent, collector } = requireConfig(configFile, substitute(source, environment));
    const brokers = name === "agent.yaml" ? agent.kafka?.brokers : collector.ingest.kafka?.brokers;
    for (const broker of brokers ?? ["none"])
      expect(Object.keys(compose.services)).toContain(broker.split(":")[0]);
    if (name === "collector.yaml") expect(collector.ingest.kafka?.member).toBe(service);
  }
});

it("grants the collectors what they need and no more", () => {
  const xml = readFileSync(join(folder, "clickhouse", "users.d", "vedette.xml"), "utf8");
  const own = /<vedette>([\s\S]*?)<\/vedette>/.exec(xml)?.[1] ?? "";
  const grants = [...own.matchAll(/<query>(.*?)<\/query>/g)].map(([, grant]) => grant);
  const needed = grantStatements("x", { database: "vedette", cluster: undefined }, true);
  expect(grants).toEqual(
    needed.map((grant) => grant.replace(/ TO `x`$/, "").replace("`vedette`", "vedette")),
  );
});

it("starts the images as the launcher starts a checkout", () => {
  const entry = /^ENTRYPOINT (\[.*main\.ts"\])$/m.exec(dockerfile)?.[1];
  expect(JSON.parse(entry ?? "[]")).toEqual(["node", ...nodeOptions, "/opt/vedette/cli/src/main.ts"]);
  for (const [, from] of dockerfile.matchAll(/--from=(\w+)/g)) expect(dockerfile).toContain(` AS ${from}\n`);
  expect(existsSync(join(dirname(deploy), ".dockerignore"))).toBe(true);
});
