import type { Command } from "commander";

interface DoctorOptions {
  readonly config?: string;
  readonly url: string;
  readonly json?: true;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("Look for what could stop Vedette from working on this machine, and say the cure.")
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .option(
      "--url <url>",
      "address of a collector to ask",
      process.env.VEDETTE_URL ?? "http://127.0.0.1:8600",
    )
    .option("--json", "the findings as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  vedette doctor --config /etc/vedette/vedette.yaml\n\nExits with 1 when something is broken; warnings do not count.",
    )
    .action(async (options: DoctorOptions) => {
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine(options);
      if (options.json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else for (const finding of findings) process.stdout.write(`${line(finding)}\n`);
      if (findings.some((finding) => finding.status === "broken")) process.exitCode = 1;
    });
}

const marks = { good: "ok  ", warning: "warn", broken: "FAIL" } as const;

const line = (finding: { status: keyof typeof marks; what: string; said: string; cure?: string }): string =>
  `${marks[finding.status]}  ${finding.what.padEnd(14)} ${finding.said}${finding.cure ? `\n      ${"".padEnd(14)} ${finding.cure}` : ""}`;
