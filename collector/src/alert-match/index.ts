export { type AlertTest, compileMatchers, type Matcher, matchersSchema } from "./matcher.ts";
export { compileWildcard } from "./wildcard.ts";
