import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "de";

const stored = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
  const value = localStorage.getItem(name);
  return allowed.find((each) => each === value) ?? fallback;
};

export const theme = signal<Theme>(stored("vedette.theme", ["system", "light", "dark"], "system"));
export const language = signal<Language>(
  stored("vedette.language", ["en", "de"], navigator.language.startsWith("de") ? "de" : "en"),
);

effect(() => {
  localStorage.setItem("vedette.theme", theme.value);
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

effect(() => {
  localStorage.setItem("vedette.language", language.value);
  document.documentElement.lang = language.value;
});
