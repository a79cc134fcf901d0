/** Comparisons of a correlation's condition; all that are given must hold. */
export interface Bounds {
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
  readonly eq?: number | undefined;
  readonly neq?: number | undefined;
}

/** Whether a number is within bounds. */
export const within = ({ gt, gte, lt, lte, eq, neq }: Bounds, value: number): boolean =>
  (gt === undefined || value > gt) &&
  (gte === undefined || value >= gte) &&
  (lt === undefined || value < lt) &&
  (lte === undefined || value <= lte) &&
  (eq === undefined || value === eq) &&
  (neq === undefined || value !== neq);

/** Whether what holds once holds for every larger number too. */
export const rising = ({ lt, lte, eq, neq }: Bounds): boolean =>
  lt === undefined && lte === undefined && eq === undefined && neq === undefined;

/** The least whole number within bounds that have no upper end. */
export const leastOf = ({ gt, gte }: Bounds): number =>
  Math.max(gt === undefined ? 0 : Math.floor(gt) + 1, gte === undefined ? 0 : Math.ceil(gte));
