import type { Correlation, Question } from "../correlation.ts";

/** A correlation over the rules r0, r1 and r2, by `log.group`, which measures `log.value`. */
export const correlationOf = (question: Question, timespanMs: number): Correlation => ({
  template: {
    ...{
      id: "c",
      name: "c",
      description: "",
      category: "",
      technique: "",
      references: [],
      adversary: "origin",
    },
    ...{ impact: { confidentiality: 0, integrity: 0, availability: 0 }, deduplicateBy: [], groupBy: [] },
  },
  members: ["r0", "r1", "r2"].map((ref) => ({
    ...{ ref, label: ref, isCorrelation: false, group: ["log.group"], fields: ["log.value"] },
  })),
  groupBy: ["log.group"],
  timespanMs,
  question,
  raises: true,
  cluster: "c",
  place: { file: "c.yaml", line: 1 },
});
