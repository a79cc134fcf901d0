export { QuestionAnswers } from "./answers.ts";
