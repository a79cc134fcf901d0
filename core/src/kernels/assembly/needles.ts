/** The run of an Aho–Corasick automaton over a column, for `../scanner-wasm.ts`. `../scanner.ts` does the same in plain TypeScript. */

/** Where the next call goes on: the value, the place in it (0: its start) and the state there. */
export let value: u32 = 0;
export let place: usize = 0;
export let state: u32 = 0;

/**
 * Runs over the values from `value` up to `count` and writes value, end and state of every hit, three words each. Stops
 * when `room` hits are written and gives their number; the next call goes on from there. States are offsets of rows in `next`,
 * in bytes. Bounds and ends are offsets from `begin`.
 */
export function scan(
  begin: usize,
  bounds: usize,
  count: u32,
  next: usize,
  symbols: usize,
  firstHit: u32,
  out: usize,
  room: u32,
): u32 {
  let hits: u32 = 0;
  let current = state;
  for (let v = value; v < count; v++) {
    let at = begin + <usize>load<u32>(bounds + ((<usize>v) << 3));
    const end = begin + <usize>load<u32>(bounds + ((<usize>v) << 3), 4);
    if (place !== 0) {
      at = place;
      place = 0;
    } else current = 0;
    while (at < end) {
      current = load<u32>(next + <usize>current + ((<usize>load<u8>(symbols + <usize>load<u8>(at))) << 2));
      at++;
      if (current >= firstHit) {
        const hit = out + <usize>hits * 12;
        store<u32>(hit, v);
        store<u32>(hit, <u32>(at - begin), 4);
        store<u32>(hit, current, 8);
        if (++hits === room) {
          value = v;
          place = at;
          state = current;
          return hits;
        }
      }
    }
  }
  value = count;
  place = 0;
  state = 0;
  return hits;
}
