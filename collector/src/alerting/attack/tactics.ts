/** A tactic of MITRE ATT&CK: why an adversary does something. */
export interface Tactic {
  /** The letter that `techniques.ts` has for it. */
  readonly letter: string;
  readonly id: string;
  readonly name: string;
}

/** In the order in which an attack goes on. */
export const tactics: readonly Tactic[] = [
  { letter: "A", id: "TA0043", name: "Reconnaissance" },
  { letter: "B", id: "TA0042", name: "Resource Development" },
  { letter: "C", id: "TA0001", name: "Initial Access" },
  { letter: "D", id: "TA0002", name: "Execution" },
  { letter: "E", id: "TA0003", name: "Persistence" },
  { letter: "F", id: "TA0004", name: "Privilege Escalation" },
  { letter: "G", id: "TA0005", name: "Defense Evasion" },
  { letter: "H", id: "TA0006", name: "Credential Access" },
  { letter: "I", id: "TA0007", name: "Discovery" },
  { letter: "J", id: "TA0008", name: "Lateral Movement" },
  { letter: "K", id: "TA0009", name: "Collection" },
  { letter: "L", id: "TA0011", name: "Command and Control" },
  { letter: "M", id: "TA0010", name: "Exfiltration" },
  { letter: "N", id: "TA0040", name: "Impact" },
];
