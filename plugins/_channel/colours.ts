import type { Severity } from "@vedette/sdk";

/** A colour for each severity, 0xRRGGBB. */
export const colours: Readonly<Record<Severity, number>> = {
  ...{ info: 0x6b7280, low: 0x2563eb, medium: 0xd97706, high: 0xdc2626, critical: 0x7f1d1d },
};
