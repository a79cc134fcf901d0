import { Random } from "./random.ts";

/*
 * Rules of the shape of SigmaHQ's tree as it was counted: per 3,780 rules some 4,600 `contains`, 3,400 `endswith`, 1,200
 * `all`, 570 `startswith`, 200 `re`, 110 `windash`, 39 `cidr`; 12 values a rule; 22 % of the conditions with `not`, 43 % with
 * `of`; 37 % of the rules for the creation of Windows processes. The words are made up, as is what they look for.
 */

/** Programs that events name too, so that selections by program hold for many events. */
export const programs =
  "cmd.exe powershell.exe rundll32.exe regsvr32.exe mshta.exe wscript.exe svchost.exe explorer.exe net.exe schtasks.exe certutil.exe bitsadmin.exe wmic.exe reg.exe sc.exe chrome.exe winword.exe excel.exe outlook.exe teams.exe".split(
    " ",
  );

interface Kind {
  readonly share: number;
  readonly logsource: string;
  readonly fields: readonly string[];
}

const kinds: readonly Kind[] = [
  {
    share: 0.37,
    logsource: "{ product: windows, category: process_creation }",
    fields: [
      "CommandLine",
      "CommandLine",
      "CommandLine",
      "Image",
      "Image",
      "ParentImage",
      "OriginalFileName",
      "User",
      "IntegrityLevel",
      "ParentCommandLine",
      "Hashes",
      "Description",
    ],
  },
  {
    share: 0.07,
    logsource: "{ product: windows, category: registry_set }",
    fields: ["TargetObject", "TargetObject", "Details", "Image"],
  },
  {
    share: 0.06,
    logsource: "{ product: windows, category: file_event }",
    fields: ["TargetFilename", "TargetFilename", "Image"],
  },
  { share: 0.05, logsource: "{ product: windows, category: ps_script }", fields: ["ScriptBlockText"] },
  {
    share: 0.04,
    logsource: "{ product: windows, category: image_load }",
    fields: ["ImageLoaded", "Image", "Signed"],
  },
  {
    share: 0.03,
    logsource: "{ product: windows, category: network_connection }",
    fields: ["Image", "DestinationHostname", "DestinationIp", "DestinationPort"],
  },
  {
    share: 0.05,
    logsource: "{ product: windows, service: security }",
    fields: ["EventID", "ObjectName", "TargetUserName", "AccessMask", "ProcessName"],
  },
  {
    share: 0.04,
    logsource: "{ product: windows, service: system }",
    fields: ["EventID", "Provider_Name", "ServiceName", "ImagePath"],
  },
  {
    share: 0.08,
    logsource: "{ product: linux, category: process_creation }",
    fields: ["CommandLine", "Image", "ParentImage"],
  },
  { share: 0.05, logsource: "{ product: linux, service: auditd }", fields: ["type", "a0", "a1", "exe"] },
  {
    share: 0.05,
    logsource: "{ category: webserver }",
    fields: ["cs-uri-query", "cs-uri-stem", "cs-user-agent", "sc-status"],
  },
  {
    share: 0.04,
    logsource: "{ product: aws, service: cloudtrail }",
    fields: ["eventName", "eventSource", "userAgent"],
  },
  { share: 0.04, logsource: "{ category: proxy }", fields: ["c-uri", "c-useragent", "cs-host"] },
  { share: 0.03, logsource: "{ product: linux }", fields: [""] },
];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** YAML documents of rules, one each. `heavy` rules also look for what events hold. */
export function sigmaRules(count: number, seed = 1, { heavy = 0 } = {}): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, number) => rule(random, number, random.chance(heavy)));
}

function rule(random: Random, number: number, heavy: boolean): string {
  const kind = heavy ? kinds[0]! : kindAt(random.next());
  const selections = 1 + (random.chance(0.43) ? 1 + random.below(3) : 0);
  const negated = random.chance(0.22);
  const parts: string[] = [];
  for (let i = 0; i < selections; i++)
    parts.push(part(random, kind, i === 0 ? "selection" : `selection_${i}`, heavy));
  if (negated) parts.push(part(random, kind, "filter_main", false));
  const chosen =
    selections === 1 ? "selection" : random.chance(0.5) ? "all of selection*" : "1 of selection*";
  const condition = negated ? `${chosen} and not 1 of filter_main*` : chosen;
  const hex = number.toString(16).padStart(12, "0");
  return `title: Generated rule ${number}
id: 00000000-0000-4000-8000-${hex}
status: test
level: ${random.pick(["low", "medium", "medium", "high", "high", "critical"])}
tags: [attack.execution, attack.t1059]
logsource: ${kind.logsource}
detection:
${parts.join("")}  condition: ${condition}
`;
}

/** The kind at a place between 0 and 1 when all lie in a row, each as long as its share. */
function kindAt(place: number): Kind {
  let end = 0;
  for (const kind of kinds) {
    end += kind.share;
    if (place < end) return kind;
  }
  return kinds[0]!;
}

function part(random: Random, kind: Kind, name: string, heavy: boolean): string {
  if (heavy) {
    const lines = [
      `    Image|endswith: ${quoted(`\\${random.pick(programs)}`)}`,
      `    CommandLine|contains: ${quoted(` /${random.pick(["c", "s", "run", "query", "add"])}`)}`,
    ];
    return `  ${name}:\n${lines.join("\n")}\n`;
  }
  // The first field of a kind tells apart; programs alone would hold for every event.
  const fields = new Set<string>([kind.fields[0]!]);
  for (let i = random.below(3); i > 0; i--) fields.add(random.pick(kind.fields));
  if (fields.has(""))
    return `  ${name}:\n${values(random, "", 1 + random.below(12))
      .map((each) => `    - ${each}\n`)
      .join("")}`;
  return `  ${name}:\n${[...fields].map((field) => entry(random, field)).join("")}`;
}

function entry(random: Random, field: string): string {
  if (field === "EventID") return `    EventID: ${4_600 + random.below(400)}\n`;
  if (field === "sc-status") return `    sc-status: ${random.pick([200, 403, 404, 500])}\n`;
  if (field === "DestinationPort") return `    DestinationPort: ${random.below(65_536)}\n`;
  if (field === "DestinationIp")
    return `    DestinationIp|cidr: [${random.below(200)}.0.0.0/8, 'fd00::/8']\n`;
  if (field === "Signed") return "    Signed: false\n";
  if (field === "Image" || field === "ParentImage") {
    const names = Array.from({ length: 1 + random.below(4) }, () =>
      quoted(`\\${random.chance(0.5) ? random.pick(programs) : `${random.word()}.exe`}`),
    );
    return `    ${field}|endswith: [${names.join(", ")}]\n`;
  }
  const kind = random.next();
  const count = 1 + random.below(random.chance(0.15) ? 60 : 8);
  const modifier =
    kind < 0.56
      ? "|contains"
      : kind < 0.68
        ? "|contains|all"
        : kind < 0.8
          ? "|endswith"
          : kind < 0.87
            ? "|startswith"
            : kind < 0.9
              ? "|re"
              : kind < 0.92
                ? "|contains|windash"
                : "";
  if (modifier === "|re") {
    return `    ${field}|re: ${quoted(`${random.word()}[a-z0-9_-]{2,10}\\.(?:php|asp|exe)\\s+-${random.word()}`)}\n`;
  }
  const list = values(random, modifier, modifier === "|contains|all" ? 2 + random.below(4) : count);
  return `    ${field}${modifier}: [${list.join(", ")}]\n`;
}

const flags = ["enc", "nop", "w hidden", "exec bypass", "f", "Force", "url", "urlcache", "decode", "inject"];

function values(random: Random, modifier: string, count: number): string[] {
  return Array.from({ length: count }, () => {
    if (modifier === "|contains|windash") return quoted(` -${random.word()}`);
    const kind = random.next();
    if (kind < 0.25) return quoted(`\\${random.word()}\\${random.word()}`);
    if (kind < 0.45) return quoted(` -${random.pick(flags)}${random.word()}`);
    if (kind < 0.6)
      return quoted(`${random.word()}.${random.pick(["exe", "dll", "ps1", "bat", "vbs", "php"])}`);
    if (kind < 0.65) return quoted(`${random.word()}*${random.word()}`);
    return quoted(`${random.word()}${random.pick(["-", "_", " ", ".", ""])}${random.word()}`);
  });
}
