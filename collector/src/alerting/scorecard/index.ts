export { advices } from "./judge.ts";
export { type RuleScore, scorecard } from "./scorecard.ts";
