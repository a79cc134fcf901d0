/** The run of an Aho–Corasick automaton over a column, for `../scanner-wasm.ts`. `../scanner.ts` does the same in plain TypeScript. */

/** Where the next call goes on: the value, the place in it (0: its start) and the state there. */
export let value: u32 = 0;
export let place: usize = 0;
export let state: u32 = 0;

/** Of the running call. */
let out: usize = 0;
let hits: u32 = 0;

function hit(value: u32, end: u32, state: u32): void {
  const to = out + <usize>hits * 12;
  store<u32>(to, value);
  store<u32>(to, end, 4);
  store<u32>(to, state, 8);
  hits++;
}

/**
 * Runs over the values from `value` up to `count` and writes value, end and state of every hit, three words each. Stops
 * when `room` hits are written and gives their number; the next call goes on from there. States are offsets of rows in `next`,
 * in bytes. Bounds and ends are offsets from `begin`.
 *
 * A state waits for the one before it, so four values are run side by side for as long as all of them last.
 */
export function scan(
  begin: usize,
  bounds: usize,
  count: u32,
  next: usize,
  symbols: usize,
  firstHit: u32,
  hitsAt: usize,
  room: u32,
): u32 {
  out = hitsAt;
  hits = 0;
  let v = value;
  while (v < count) {
    if (hits === room) {
      value = v;
      return hits;
    }
    const bound = bounds + ((<usize>v) << 3);
    if (place === 0 && v + 4 <= count) {
      const a = begin + <usize>load<u32>(bound);
      const b = begin + <usize>load<u32>(bound, 8);
      const c = begin + <usize>load<u32>(bound, 16);
      const d = begin + <usize>load<u32>(bound, 24);
      const sizeA = <u32>(begin + <usize>load<u32>(bound, 4) - a);
      const sizeB = <u32>(begin + <usize>load<u32>(bound, 12) - b);
      const sizeC = <u32>(begin + <usize>load<u32>(bound, 20) - c);
      const sizeD = <u32>(begin + <usize>load<u32>(bound, 28) - d);
      // Even if every byte is a hit, there is room.
      if (hits + sizeA + sizeB + sizeC + sizeD <= room) {
        const size = <usize>min(min(sizeA, sizeB), min(sizeC, sizeD));
        let stateA: u32 = 0;
        let stateB: u32 = 0;
        let stateC: u32 = 0;
        let stateD: u32 = 0;
        for (let i: usize = 0; i < size; i++) {
          stateA = load<u32>(
            next + <usize>stateA + ((<usize>load<u8>(symbols + <usize>load<u8>(a + i))) << 2),
          );
          stateB = load<u32>(
            next + <usize>stateB + ((<usize>load<u8>(symbols + <usize>load<u8>(b + i))) << 2),
          );
          stateC = load<u32>(
            next + <usize>stateC + ((<usize>load<u8>(symbols + <usize>load<u8>(c + i))) << 2),
          );
          stateD = load<u32>(
            next + <usize>stateD + ((<usize>load<u8>(symbols + <usize>load<u8>(d + i))) << 2),
          );
          if (max(max(stateA, stateB), max(stateC, stateD)) >= firstHit) {
            if (stateA >= firstHit) hit(v, <u32>(a + i + 1 - begin), stateA);
            if (stateB >= firstHit) hit(v + 1, <u32>(b + i + 1 - begin), stateB);
            if (stateC >= firstHit) hit(v + 2, <u32>(c + i + 1 - begin), stateC);
            if (stateD >= firstHit) hit(v + 3, <u32>(d + i + 1 - begin), stateD);
          }
        }
        rest(v, a + size, a + <usize>sizeA, stateA, begin, next, symbols, firstHit);
        rest(v + 1, b + size, b + <usize>sizeB, stateB, begin, next, symbols, firstHit);
        rest(v + 2, c + size, c + <usize>sizeC, stateC, begin, next, symbols, firstHit);
        rest(v + 3, d + size, d + <usize>sizeD, stateD, begin, next, symbols, firstHit);
        v += 4;
        continue;
      }
    }
    let at = begin + <usize>load<u32>(bound);
    const end = begin + <usize>load<u32>(bound, 4);
    let current: u32 = 0;
    if (place !== 0) {
      at = place;
      current = state;
      place = 0;
    }
    while (at < end) {
      current = load<u32>(next + <usize>current + ((<usize>load<u8>(symbols + <usize>load<u8>(at))) << 2));
      at++;
      if (current >= firstHit) {
        hit(v, <u32>(at - begin), current);
        if (hits === room) {
          value = v;
          place = at;
          state = current;
          return hits;
        }
      }
    }
    v++;
  }
  value = count;
  place = 0;
  state = 0;
  return hits;
}

function rest(
  value: u32,
  from: usize,
  end: usize,
  state: u32,
  begin: usize,
  next: usize,
  symbols: usize,
  firstHit: u32,
): void {
  for (let at = from; at < end; at++) {
    state = load<u32>(next + <usize>state + ((<usize>load<u8>(symbols + <usize>load<u8>(at))) << 2));
    if (state >= firstHit) hit(value, <u32>(at + 1 - begin), state);
  }
}
