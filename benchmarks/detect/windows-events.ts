import type { Event } from "@vedette/sdk";
import { Random } from "./random.ts";
import { programs } from "./sigma-rules.ts";

const folders = [
  "C:\\Windows\\System32",
  "C:\\Windows\\SysWOW64",
  "C:\\Program Files\\Vendor",
  "C:\\Users\\alice\\AppData\\Local",
];

/** Creations of processes as Sysmon reports them and our pipeline parses them, about 1.4 kB as JSON. */
export function windowsEvents(count: number, seed = 7): Event[] {
  const random = new Random(seed);
  const users = Array.from({ length: 40 }, () => `EXAMPLE\\${random.word()}`);
  const hosts = Array.from({ length: 60 }, () => `pc-${random.word()}.example.com`);
  return Array.from({ length: count }, (_, i): Event => {
    const process = `${random.pick(folders)}\\${random.pick(programs)}`;
    const parent = `${random.pick(folders)}\\${random.pick(programs)}`;
    const guid = () =>
      `{${random.word()}-${random.below(1e9).toString(16)}-${random.below(1e9).toString(16)}}`;
    const option = () => `/${random.pick(["c", "s", "run", "query", "add", "k", "u"])} ${random.word()}`;
    const command = `"${process}" ${option()} ${option()} --${random.word()}=${random.below(1e6)} "${random.pick(folders)}\\${random.word()}\\${random.word()}.log" ${random.below(1e9)}`;
    const hash = Array.from({ length: 8 }, () =>
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
    return {
      id: `event-${i}`,
      "@timestamp": new Date(1_767_000_000_000 + i * 10).toISOString(),
      dataType: "windows",
      dataSource: "dc-1",
      eventType: "process.started",
      action: "execute",
      actionResult: "success",
      severity: "info",
      origin: {
        user: random.pick(users),
        process,
        command,
        path: `${random.pick(folders)}\\`,
        md5: hash.slice(0, 32),
        sha256: hash,
      },
      target: { host: random.pick(hosts) },
      log: {
        provider: "Microsoft-Windows-Sysmon",
        channel: "Microsoft-Windows-Sysmon/Operational",
        eventId: "1",
        recordId: String(100_000 + i),
        level: "information",
        parentProcess: parent,
        parentCommand: `"${parent}" -k ${random.pick(["netsvcs", "LocalService", "DcomLaunch"])} -p ${random.word()}`,
        pid: String(random.below(60_000)),
        parentPid: String(random.below(60_000)),
        data: {
          RuleName: "-",
          UtcTime: new Date(1_767_000_000_000 + i * 10).toISOString(),
          ProcessGuid: guid(),
          ParentProcessGuid: guid(),
          FileVersion: "10.0.19041.1",
          Description: `${random.word()} for Windows`,
          Product: "Microsoft Windows Operating System",
          Company: "Microsoft Corporation",
          OriginalFileName: random.pick(programs).toUpperCase(),
          LogonId: `0x${random.below(1e6).toString(16)}`,
          TerminalSessionId: "1",
          IntegrityLevel: random.pick(["Medium", "High", "System"]),
          Hashes: `MD5=${hash.slice(0, 32).toUpperCase()},SHA256=${hash.toUpperCase()}`,
        },
      },
      raw: `<Event><System><EventID>1</EventID></System><EventData><Data Name='CommandLine'>${command}</Data></EventData></Event>`,
    } as Event;
  });
}
