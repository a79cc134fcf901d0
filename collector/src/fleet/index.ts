/** Enrolment of agents (docs/decisions/0331): tokens, certificates of the collectors' own authority, revoking. */
export { openAuthority } from "./authority.ts";
export { Fleet } from "./fleet.ts";
export { type EnrolledAgent, listAgents, setRevoked } from "./registry.ts";
export { listTokens, makeToken, type NewToken, revokeToken, type TokenEntry } from "./tokens.ts";
