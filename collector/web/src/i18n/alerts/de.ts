import type { alertsEn } from "./en.ts";

/** German texts of alerts. */
export const alertsDe: Readonly<Record<keyof typeof alertsEn, string>> = {
  "alerts.status": "Stand",
  "alerts.severity": "Schwere",
  "alerts.choose": "Einen Alarm wählen, um zu sehen, was geschah",
  "alerts.adversary": "Angreifer",
  "alerts.target": "Ziel",
  "alerts.timeline": "Was geschah",
  "alerts.timelineCount": "{x} Ereignisse",
  "alerts.timelineCount.one": "1 Ereignis",
  "alerts.references": "Weiterlesen",
  "alerts.rule": "Regel",
  "alerts.category": "Kategorie",
  "alerts.technique": "Technik",
  "alerts.impact": "Auswirkung",
  "alerts.raised": "Ausgelöst",
  "alerts.more": "Weitere Alarme",
  "alerts.events": "{x} Ereignisse",
  "alerts.events.one": "1 Ereignis",
};
