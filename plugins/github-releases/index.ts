import { definePlugin, helpTexts } from "@vedette/sdk";
import { health, periodic } from "./check.ts";
import { settings } from "./settings.ts";

/** Newest releases of programs that assets name, from GitHub. */
export const githubReleases = definePlugin({
  id: "github-releases",
  name: "GitHub releases",
  version: "1.0.0",
  description: "Tells of programs of assets that have a newer release on GitHub.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      ...helpTexts(settings),
      description: "Tells of programs of assets that have a newer release on GitHub.",
      ...{ enabled: "Look for releases", token: "Token", apiUrl: "Address of the API" },
      intervalHours: "Hours between looks",
    },
    de: {
      description: "Nennt Programme von Assets, von denen es auf GitHub eine neuere Version gibt.",
      ...{ enabled: "Nach Versionen sehen", token: "Token", apiUrl: "Adresse der API" },
      intervalHours: "Stunden zwischen zwei Blicken",
      "enabled.help": "GitHub nach den neuesten Versionen der Programme fragen, die Assets nennen.",
      "token.help":
        "Token, das öffentliche Repositorys lesen darf. Ohne eines beantwortet GitHub 60 Fragen in der Stunde.",
      "apiUrl.help": "Adresse der API; eine andere für GitHub Enterprise.",
      "intervalHours.help": "Stunden zwischen zwei Fragen nach einem Programm.",
    },
  },
  guarantees:
    "A repository is asked at most once in the interval, with what it answered last, so that an unchanged one counts little; while GitHub says that it is too much, nothing is asked.",
  periodic,
  health,
});
