export { QuestionAnswers } from "./answers.ts";
export { makeToken } from "./tokens.ts";
