import fc from "fast-check";

/** Texts of any code points, lone surrogates too. fast-check's own unit for that takes seconds to be made. */
export const anyText = (most: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0x2fff }), fc.integer({ min: 0, max: 0x10ffff })), {
      maxLength: most,
    })
    .map((points) => String.fromCodePoint(...points));
