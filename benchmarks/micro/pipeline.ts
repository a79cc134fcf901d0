// How many events a second one core parses: `node --conditions=@vedette/source benchmarks/micro/pipeline.ts`.
import { parseSource } from "@vedette/core/config";
import { compilePipelines } from "@vedette/core/pipeline";

const nginx = `
pipeline:
  - dataTypes: [nginx]
    steps:
      - grok:
          patterns:
            - { fieldName: origin.ip, pattern: '{{.ipv4}}|{{.ipv6}}' }
            - { pattern: '\\S+' }
            - { fieldName: origin.user, pattern: '\\S+' }
            - { pattern: '\\[' }
            - { fieldName: deviceTime, pattern: '[^\\]]+' }
            - { pattern: '\\]\\s+"' }
            - { fieldName: action, pattern: '\\S+' }
            - { fieldName: origin.url, pattern: '\\S+' }
            - { fieldName: protocol, pattern: '[^"]+' }
            - { pattern: '"' }
            - { fieldName: statusCode, pattern: '{{.integer}}' }
            - { fieldName: origin.bytesReceived, pattern: '{{.integer}}' }
            - { fieldName: log.referer, pattern: '"[^"]*"' }
            - { fieldName: log.userAgent, pattern: '"[^"]*"' }
      - reformat: { fields: [deviceTime], function: time, fromFormat: '02/Jan/2006:15:04:05 -0700', toFormat: RFC3339 }
      - trim: { function: substring, substring: '"', fields: [log.referer, log.userAgent] }
      - delete: { fields: [origin.user], where: 'equals("origin.user", "-")' }
      - cast: { fields: [statusCode], to: int }
      - add: { function: string, params: { key: actionResult, value: success }, where: statusCode < 400 }
      - add: { function: string, params: { key: actionResult, value: denied }, where: 'oneOf("statusCode", [401, 403])' }
`;

const sshd = `
pipeline:
  - dataTypes: [sshd]
    steps:
      - grok:
          patterns:
            - { fieldName: deviceTime, pattern: '{{.syslogDate}}' }
            - { fieldName: origin.host, pattern: '{{.hostname}}' }
            - { pattern: 'sshd\\[' }
            - { fieldName: log.pid, pattern: '{{.integer}}' }
            - { pattern: '\\]:' }
            - { fieldName: log.message, pattern: '{{.greedy}}' }
      - reformat: { fields: [deviceTime], function: time, fromFormat: Stamp, toFormat: RFC3339 }
      - grok:
          source: log.message
          patterns:
            - { fieldName: action, pattern: 'Failed|Accepted' }
            - { fieldName: log.method, pattern: '{{.word}}' }
            - { pattern: 'for' }
            - { fieldName: log.invalid, pattern: 'invalid user|\\S+' }
            - { fieldName: target.user, pattern: '\\S+' }
            - { pattern: 'from' }
            - { fieldName: origin.ip, pattern: '{{.ipv4}}|{{.ipv6}}' }
            - { pattern: 'port' }
            - { fieldName: origin.port, pattern: '{{.integer}}' }
            - { fieldName: protocol, pattern: 'ssh2' }
          where: startsWith("log.message", ["Failed", "Accepted"])
      - add: { function: string, params: { key: actionResult, value: failed }, where: action == "Failed" }
`;

const json = `
pipeline:
  - dataTypes: [json]
    steps:
      - json: { source: raw }
      - rename: { from: [log.ClientHost], to: origin.ip }
      - rename: { from: [log.DownstreamStatus], to: statusCode }
      - rename: { from: [log.RequestPath], to: origin.url }
`;

const pad = (value: number): string => String(value % 60).padStart(2, "0");
const agent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";

const workloads: Record<string, { yaml: string; line: (index: number) => string }> = {
  nginx: {
    yaml: nginx,
    line: (index) =>
      `10.${index % 200}.${index % 7}.${index % 250} - - [10/Oct/2026:13:${pad(index >> 9)}:${pad(index >> 3)} +0200] "GET /articles/${index % 997}?page=${index % 13} HTTP/1.1" ${index % 17 === 0 ? 403 : 200} ${1000 + (index % 5000)} "https://example.org/start" "${agent}"`,
  },
  sshd: {
    yaml: sshd,
    line: (index) =>
      index % 3 === 0
        ? `Oct 10 13:55:${pad(index >> 3)} web-1 sshd[${1000 + (index % 999)}]: Connection closed by 10.0.0.${index % 250} port 4${index % 1000} [preauth]`
        : `Oct 10 13:55:${pad(index >> 3)} web-1 sshd[${1000 + (index % 999)}]: Failed password for invalid user admin from 10.0.0.${index % 250} port 4${index % 1000} ssh2`,
  },
  json: {
    yaml: json,
    line: (index) =>
      JSON.stringify({
        ClientHost: `10.0.0.${index % 250}`,
        DownstreamStatus: 200,
        Duration: 1000 + index,
        RequestMethod: "GET",
        RequestPath: `/a/${index % 99}`,
        RouterName: "web@docker",
        level: "info",
        msg: "",
        time: "2026-10-10T13:55:36Z",
        "request_User-Agent": agent,
      }),
  },
};

const wanted = process.argv.slice(2);
for (const [dataType, { yaml, line }] of Object.entries(workloads)) {
  if (wanted.length > 0 && !wanted.includes(dataType)) continue;
  const set = compilePipelines([parseSource(yaml, `${dataType}.yaml`)]);
  const lines = Array.from({ length: 20_000 }, (_, index) => line(index));
  const bytes = lines.reduce((sum, text) => sum + text.length, 0) / lines.length;
  let events = 0;
  const run = (): void => {
    for (const raw of lines) {
      const outcome = set.process({
        id: "id",
        dataType,
        dataSource: "host",
        "@timestamp": "2026-10-10T13:56:00Z",
        raw,
      });
      if (outcome.kind === "event") events++;
    }
  };
  for (let round = 0; round < 5; round++) run();
  const rates: number[] = [];
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage();
    for (let repeat = 0; repeat < 5; repeat++) run();
    const { user, system } = process.cpuUsage(before);
    rates.push((lines.length * 5 * 1e6) / (user + system));
  }
  rates.sort((a, b) => a - b);
  const rate = Math.round(rates[3]! / 1000);
  console.log(
    `${dataType}: ${rate} k events per CPU second, ${Math.round((rate * bytes) / 1000)} MB/s, ${events} events`,
  );
  for (const step of set.steps) {
    const { runs, missed, errors } = step.counters;
    if (missed > 0 || errors > 0)
      console.log(`  ${step.label}: ${runs} runs, ${missed} missed, ${errors} errors`);
  }
}
