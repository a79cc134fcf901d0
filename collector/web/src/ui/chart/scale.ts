/** A round number at or above a value: the top of an axis. */
export function niceTop(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** Places of about `wanted` labels among `count` steps, evenly spread. */
export function labelPlaces(count: number, wanted: number): number[] {
  if (count === 0) return [];
  const step = Math.max(1, Math.ceil(count / wanted));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}
