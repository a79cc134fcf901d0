import { checkConfig, formatProblem, parseSource } from "@vedette/core/config";
import { describe, expect, it } from "vitest";
import { carrierOf } from "./carrier.ts";
import { agentConfig } from "./schema.ts";

const problemsOf = (text: string): string[] => {
  const checked = checkConfig(agentConfig, parseSource(text, "vedette.yaml"));
  return checked.ok ? [] : checked.problems.map(formatProblem);
};

describe("the agent's configuration", () => {
  it("is complete without a word", () => {
    expect(agentConfig.parse({})).toMatchObject({
      inputs: [],
      batch: { rows: 20_000, bytes: 4_194_304, seconds: 1 },
      spool: { maxBytes: 536_870_912, onFull: "block" },
    });
    expect(carrierOf(agentConfig.parse({}))).toMatchObject({
      kind: "collector",
      collector: { address: "127.0.0.1:8601", dangerouslyAllowPlaintext: false },
    });
  });

  it.each([
    {
      name: "an unknown key",
      text: "stateDirr: x",
      says: 'Unknown key "stateDirr". Did you mean "stateDir"?',
    },
    {
      name: "an unknown input",
      text: "inputs: [{type: flie, include: [a], dataType: x}]",
      says: 'inputs[0].type: "flie" is not one of file, ',
    },
    {
      name: "a key that another kind of input has",
      text: "inputs: [{type: syslog, dataType: x, framin: auto}]",
      says: 'Unknown key "framin". Did you mean "framing"?',
    },
    {
      name: "a TLS listener without a certificate",
      text: "inputs: [{type: syslog, dataType: x, listen: [{protocol: tls, address: '127.0.0.1:1'}]}]",
      says: "inputs[0].listen[0].protocol: A tls listener needs tls.certFile",
    },
    {
      name: "a network that is none",
      text: "inputs: [{type: syslog, dataType: x, allow: [192.0.2.0/33]}]",
      says: "inputs[0].allow[0]: Expected an address or a network such as 192.0.2.0/24.",
    },
    {
      name: "two inputs of one source",
      text: "inputs: [{type: syslog, dataType: x}, {dataType: y, type: syslog, framing: nul}]",
      says: "inputs[1]: This input reads the same source as inputs[0].",
    },
    {
      name: "two inputs of one id",
      text: "inputs: [{type: syslog, id: a, dataType: x}, {type: http, id: a, dataType: y}]",
      says: "inputs[1].id: This input has the same id as inputs[0].",
    },
    {
      name: "an HTTP listener that everybody may use",
      text: "inputs: [{type: http, dataType: x, listen: '0.0.0.0:1', dangerouslyAllowPlaintext: true}]",
      says: "inputs[0].routes[0]: Everybody could send logs here",
    },
    {
      name: "a missing data type",
      text: "inputs: [{type: file, include: [a]}]",
      says: "inputs[0].dataType: Missing",
    },
    {
      name: "a bad pattern",
      text: "inputs: [{type: file, include: ['{a'], dataType: x}]",
      says: "is not closed",
    },
    {
      name: "a bad exclusion",
      text: "inputs: [{type: file, include: [a], exclude: ['a}'], dataType: x}]",
      says: "exclude[0]",
    },
    {
      name: "a remote collector without TLS",
      text: "collector: {address: 'example.net:1'}",
      says: "set agent.collector.tls",
    },
    {
      name: "two ways to ship",
      text: "{collector: {}, kafka: {brokers: ['127.0.0.1:9092']}}",
      says: "kafka: Batches go to a collector or through Kafka, not both",
    },
    {
      name: "remote brokers without TLS",
      text: "kafka: {brokers: ['example.net:9092']}",
      says: "kafka.brokers[0]: Records would travel unprotected",
    },
    { name: "a public status page", text: "http: {listen: '0.0.0.0:1'}", says: "Only a loopback address" },
    { name: "a tiny spool", text: "spool: {maxBytes: 10}", says: "spool.maxBytes" },
  ])("names the place of $name", ({ text, says }) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^vedette\.yaml:1:\d+: /);
    expect(problems[0]).toContain(says);
  });

  it("takes a remote collector when told that it is dangerous", () => {
    expect(problemsOf("collector: {address: 'example.net:1', dangerouslyAllowPlaintext: true}")).toEqual([]);
  });
});
