const two = (value: number): string => String(value % 60).padStart(2, "0");
const browser =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
const methods = ["GET", "GET", "GET", "POST", "HEAD"];

const combined = (index: number): string =>
  `192.0.2.${index % 250} - - [10/Oct/2026:13:${two(index >> 9)}:${two(index >> 3)} +0200] "${methods[index % 5]} /articles/${index % 997}?page=${index % 13} HTTP/1.1" ${index % 17 === 0 ? 403 : 200} ${1000 + (index % 5000)} "https://www.example.org/start" "${browser}"`;

function sshd(index: number): string {
  const head = `Oct 10 13:55:${two(index >> 3)} web-1 sshd[${1000 + (index % 999)}]: `;
  const from = `192.0.2.${index % 250} port 4${index % 1000}`;
  if (index % 3 === 0) return `${head}Connection closed by ${from} [preauth]`;
  return `${head}Failed password for ${index % 2 === 0 ? "invalid user admin" : "root"} from ${from} ssh2`;
}

const traefik = (index: number): string =>
  JSON.stringify({
    ClientAddr: `192.0.2.${index % 250}:4${index % 1000}`,
    ClientHost: `192.0.2.${index % 250}`,
    ClientPort: `4${index % 1000}`,
    ClientUsername: "-",
    DownstreamContentSize: 1000 + (index % 5000),
    DownstreamStatus: index % 17 === 0 ? 403 : 200,
    Duration: 1_000_000 + index,
    OriginContentSize: 1000 + (index % 5000),
    OriginDuration: 900_000 + index,
    OriginStatus: index % 17 === 0 ? 403 : 200,
    Overhead: 100_000 + (index % 999),
    RequestAddr: "www.example.org",
    RequestContentSize: 0,
    RequestCount: index,
    RequestHost: "www.example.org",
    RequestMethod: methods[index % 5],
    RequestPath: `/articles/${index % 997}?page=${index % 13}`,
    RequestPort: "-",
    RequestProtocol: "HTTP/2.0",
    RequestScheme: "https",
    RetryAttempts: 0,
    RouterName: "web@docker",
    ServiceAddr: "198.51.100.7:8080",
    ServiceName: "web@docker",
    ServiceURL: "http://198.51.100.7:8080",
    StartLocal: "2026-10-10T13:55:36.123456789+02:00",
    StartUTC: "2026-10-10T11:55:36.123456789Z",
    TLSCipher: "TLS_AES_128_GCM_SHA256",
    TLSVersion: "1.3",
    entryPointName: "websecure",
    level: "info",
    msg: "",
    "request_User-Agent": browser,
    time: "2026-10-10T13:55:36+02:00",
  });

interface Workload {
  /** The pipeline, below `plugins/`. */
  readonly file: string;
  readonly line: (index: number) => string;
}

/** A line for each shipped pipeline that is measured, by data type. */
export const workloads: Readonly<Record<string, Workload>> = {
  nginx: { file: "nginx/pipeline.yaml", line: combined },
  apache: { file: "apache/pipeline.yaml", line: combined },
  sshd: { file: "linux-auth/sshd.yaml", line: sshd },
  traefik: { file: "traefik/pipeline.yaml", line: traefik },
  json: { file: "json/pipeline.yaml", line: traefik },
};
