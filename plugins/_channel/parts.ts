export { type Answer, objectOf, retryAfterMs, undelivered } from "./answer.ts";
export { colours } from "./colours.ts";
export { answerOf, ask, askJson, ownAuthority, safeAddress, secretAddress } from "./post.ts";
export { connectTo, secured } from "./secure.ts";
export { defanged, fitting, htmlEscaped, noticeText } from "./text.ts";
