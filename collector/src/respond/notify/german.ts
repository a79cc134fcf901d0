import type { Notice, Piece } from "@vedette/sdk";

/** What notices say by themselves, as it is in German. Values of logs are never among them. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^Source: $/, "Quelle: "],
  [/^Country: $/, "Land: "],
  [/^Target: $/, "Ziel: "],
  [/^User: $/, "Benutzer: "],
  [/^Host: $/, "Host: "],
  [/^Technique: $/, "Technik: "],
  [/^Path: $/, "Pfad: "],
  [/^Time: $/, "Zeit: "],
  [/^Rule: (.*)$/s, "Regel: $1"],
  [/^Workflow: $/, "Ablauf: "],
  [/^Answers: $/, "Antworten: "],
  [/^Until: (.*)$/s, "Bis: $1"],
  [/^Job: (.*)$/s, "Lauf: $1"],
  [/^Answer needed: $/, "Antwort gebraucht: "],
  [/^([\d,]+) of this kind so far\.$/, "Bisher $1 dieser Art."],
  [/^([\d,]+) \u00d7 $/, "$1 \u00d7 "],
  [/^, last (.*)$/s, ", zuletzt $1"],
  [/^… and ([\d,]+) more of further kinds$/, "… und $1 weitere von anderen Arten"],
  [/^… and ([\d,]+) more of 1 further kind$/, "… und $1 weitere von einer anderen Art"],
  [/^… and ([\d,]+) more of ([\d,]+) further kinds$/, "… und $1 weitere von $2 anderen Arten"],
  [/^Vedette: test notification$/, "Vedette: Testnachricht"],
  [/^It came over the channel $/, "Sie kam über den Kanal "],
];

const severities: Readonly<Record<string, string>> = {
  ...{ info: "Hinweis", low: "niedrig", medium: "mittel", high: "hoch", critical: "kritisch" },
};
const things: Readonly<Record<string, string>> = {
  ...{ alert: "Alarm", alerts: "Alarme", event: "Ereignis", events: "Ereignisse" },
  ...{ incident: "Vorfall", incidents: "Vorfälle" },
};

/** Numbers as they are written in German: a dot where English has a comma. */
const numbers = (text: string): string => text.replaceAll(/(?<=\d),(?=\d{3}\b)/g, ".");

function translated(piece: Piece): Piece {
  if (typeof piece !== "string") return piece;
  const digest = /^(\w+): ([\d,]+) (\w+) in (\d+) min$/.exec(piece);
  const [, severity = "", count = "", thing = "", minutes = ""] = digest ?? [];
  if (Object.hasOwn(severities, severity) && Object.hasOwn(things, thing))
    return `${severities[severity]}: ${numbers(count)} ${things[thing]} in ${minutes} min`;
  const alone = /^(\w+): $/.exec(piece)?.[1] ?? "";
  if (Object.hasOwn(severities, alone)) return `${severities[alone]}: `;
  for (const [known, german] of words) if (known.test(piece)) return numbers(piece.replace(known, german));
  return piece;
}

/** A notice with all that Vedette itself says in it in German. What a rule's own title and text say stays, but for such words. */
export const inGerman = (notice: Notice): Notice => ({
  ...notice,
  title: notice.title.map(translated),
  lines: notice.lines.map((line) => line.map(translated)),
});
