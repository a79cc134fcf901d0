const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const two = (value: number): string => String(value).padStart(2, "0");

/** A request as both web servers log it. */
export interface Request {
  readonly at: number;
  readonly ip: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string;
  readonly agent: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters nginx escapes.
const UNSAFE = /["\\\u0000-\u001f\u007f]/g;

/** nginx writes quotes, backslashes and control characters of a variable as \xHH (log_format escape=default). */
const escaped = (text: string): string =>
  text.replace(UNSAFE, (found) => `\\x${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/** One line in nginx's `combined` format, time in UTC. */
export function nginxLine({ at, ip, method, path, status, bytes, referer, agent }: Request): string {
  const time = new Date(at);
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  const request = `${method} ${escaped(path)} HTTP/1.1`;
  return `${ip} - - [${day}:${clock} +0000] "${request}" ${status} ${bytes} "${escaped(referer)}" "${escaped(agent)}"`;
}

/** One sshd line as rsyslog writes it by default since Debian 12: time with microseconds and offset. */
export function sshdLine(at: number, pid: number, message: string): string {
  const time = new Date(at).toISOString().replace("Z", "000+00:00");
  return `${time} bastion-1 sshd[${pid}]: ${message}`;
}

/** One line of Traefik's JSON access log. */
export function traefikLine(request: Request, host: string, port: number, nanoseconds: number): string {
  const { at, ip, method, path, status, bytes, agent } = request;
  const time = new Date(at).toISOString();
  const service = host.split(".")[0];
  return JSON.stringify({
    ClientAddr: `${ip}:${port}`,
    ClientHost: ip,
    ClientPort: String(port),
    ClientUsername: "-",
    DownstreamContentSize: bytes,
    DownstreamStatus: status,
    Duration: nanoseconds,
    OriginContentSize: bytes,
    OriginDuration: Math.round(nanoseconds * 0.9),
    OriginStatus: status,
    RequestAddr: host,
    RequestContentSize: method === "POST" ? 214 : 0,
    RequestHost: host,
    RequestMethod: method,
    RequestPath: path,
    RequestPort: "-",
    RequestProtocol: "HTTP/2.0",
    RequestScheme: "https",
    RouterName: `sample-${service}@docker`,
    ServiceName: `sample-${service}@docker`,
    StartUTC: time,
    "downstream_Content-Type": "application/json",
    entryPointName: "websecure",
    level: "info",
    msg: "",
    "request_User-Agent": agent,
    time: `${time.slice(0, 19)}Z`,
  });
}
