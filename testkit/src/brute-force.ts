import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** sshd's own words for a failed password in syslog's format, at a time. The number makes every line differ. */
export function failedPassword(ip: string, n: number, at: number): string {
  const now = new Date(at);
  const month = now.toLocaleString("en", { month: "short", timeZone: "UTC" });
  const time = `${month} ${String(now.getUTCDate()).padStart(2)} ${now.toISOString().slice(11, 19)}`;
  return `${time} web-1 sshd[${1_000 + n}]: Failed password for root from ${ip} port ${30_000 + (n % 30_000)} ssh2\n`;
}

/** Enough failures for the bundled rule, which wants eight within ten minutes. */
const enough = 20;

/** Writes `<dir>/auth.log`, in which one address after the other guesses passwords. */
export class BruteForce {
  readonly #path: string;
  readonly #guesses: number[];
  #written = 0;

  constructor(dir: string, attackers: number) {
    this.#path = join(dir, "auth.log");
    this.#guesses = Array.from({ length: attackers }, () => 0);
    writeFileSync(this.#path, "");
  }

  /** Lines written so far. */
  get written(): number {
    return this.#written;
  }

  /** The addresses in the order in which ClickHouse sorts text. */
  get addresses(): string[] {
    return this.#guesses.map((_, index) => addressOf(index)).sort();
  }

  /** Lets the addresses whose turn it is guess once; `progress` goes from 0 to 1. Two of them overlap at any time. */
  append(progress: number): void {
    const turn = progress * this.#guesses.length;
    for (const [index] of this.#guesses.entries()) if (index <= turn && index > turn - 2) this.#guess(index);
  }

  /** Lets every address guess often enough for an alert. */
  finish(): void {
    for (const [index, guesses] of this.#guesses.entries()) {
      for (let more = guesses; more < enough; more++) this.#guess(index);
    }
  }

  /** Lets every address guess so many times more. */
  again(times: number): void {
    for (let time = 0; time < times; time++) for (const index of this.#guesses.keys()) this.#guess(index);
  }

  #guess(index: number): void {
    this.#guesses[index]!++;
    appendFileSync(this.#path, failedPassword(addressOf(index), this.#written++, Date.now()));
  }
}

const addressOf = (index: number): string => `8.8.${index}.8`;
