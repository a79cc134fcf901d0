import type { Random } from "./random.ts";

/**
 * Address blocks of large access providers, so that GeoIP shows real countries. The addresses in the samples
 * are drawn from them at random: they stand for nobody, and nothing in the samples ever happened.
 */
const HOME_NETWORKS = [
  ["DE", 91, 12],
  ["DE", 87, 140],
  ["US", 73, 162],
  ["US", 98, 207],
  ["FR", 90, 44],
  ["GB", 86, 140],
  ["NL", 77, 168],
  ["JP", 153, 156],
  ["BR", 177, 34],
  ["IN", 117, 201],
  ["SE", 81, 226],
  ["IT", 79, 16],
  ["ES", 83, 44],
  ["CA", 70, 26],
  ["AU", 1, 132],
  ["PL", 83, 11],
] as const;

const FAR_NETWORKS = [
  ["CN", 218, 92],
  ["RU", 95, 24],
  ["VN", 14, 162],
  ["BR", 177, 72],
  ["ID", 36, 72],
  ["TR", 88, 234],
  ["KR", 121, 160],
  ["UA", 37, 54],
] as const;

type Block = readonly [country: string, first: number, second: number];

const within = (random: Random, [, first, second]: Block): string =>
  `${first}.${second}.${random.whole(1, 254)}.${random.whole(2, 253)}`;

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
] as const;

export interface Visitor {
  readonly ip: string;
  readonly agent: string;
}

/** A population of visitors, some of whom come back: a few addresses make most of the traffic. */
export class Crowd {
  readonly #visitors: Visitor[] = [];
  readonly #random: Random;

  constructor(random: Random, size = 120) {
    this.#random = random;
    for (let count = 0; count < size; count++) {
      this.#visitors.push({ ip: within(random, random.pick(HOME_NETWORKS)), agent: random.pick(BROWSERS) });
    }
  }

  next(): Visitor {
    const skewed = this.#random.next() ** 2;
    return this.#visitors[Math.floor(skewed * this.#visitors.length)] as Visitor;
  }
}

export const attacker = (random: Random): string => within(random, random.pick(FAR_NETWORKS));

/** Where the people who run the sample site log in from. */
export const administrator = (random: Random): string => `91.12.40.${random.whole(10, 12)}`;

/** Every country that a sample address may lie in, for the test that asks GeoIP. */
export const sampleBlocks: readonly Block[] = [...HOME_NETWORKS, ...FAR_NETWORKS];

/** The first two numbers of every address that an attack may come from, for tests. */
export const attackerNetworks: readonly string[] = FAR_NETWORKS.map(
  ([, first, second]) => `${first}.${second}`,
);
