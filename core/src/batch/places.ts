import { mostPlaces, placeWords } from "../kernels/index.ts";

/** Where values lie in a chunk, with where each begins in its line. */
export interface Places {
  readonly places: Uint32Array;
  readonly begins: Uint32Array;
}

/** As many as columns ever wait at the same time. */
const free: Places[] = [];

/** For a column that waits for nothing. */
export const noPlaces: Places = { places: new Uint32Array(0), begins: new Uint32Array(0) };

/** Room for the places of one column, until it is given back. */
export const takePlaces = (): Places =>
  free.pop() ?? { places: new Uint32Array(mostPlaces * placeWords), begins: new Uint32Array(mostPlaces) };

export const givePlaces = (places: Places): void => void free.push(places);
