import { type Alert, severities } from "@vedette/sdk";

const points: Readonly<Record<(typeof severities)[number], number>> = {
  info: 1,
  low: 5,
  medium: 15,
  high: 40,
  critical: 80,
};

/** What an alert adds to the risk of its entities. */
export const riskOf = ({ severity }: Alert): number =>
  points[severities.find((each) => each === severity) ?? "info"];

/** After so many half-lives what an alert added is a thousandth, and it is not looked at any more. */
export const halfLivesKept = 10;
