import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

export const settings = settingsOf({
  enabled: setting.boolean(false, {
    help: "Ask GitHub for the newest releases of programs that assets name.",
  }),
  token: setting.password({
    help: "Token that may read public repositories. Without one GitHub answers 60 questions an hour.",
  }),
  apiUrl: setting.url("https://api.github.com", {
    help: "Address of the API; another one for GitHub Enterprise.",
  }),
  intervalHours: setting.number(6, {
    ...{ min: 1, max: 720 },
    help: "Hours between two questions about a program.",
  }),
});

export type Settings = z.infer<typeof settings>;
