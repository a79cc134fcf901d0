import { type Command, InvalidArgumentError, Option } from "commander";
import type { Question } from "../capacity/model.ts";

type Options = Omit<Question, "transport"> & { readonly direct?: true; readonly json?: true };

const number =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
    return value;
  };

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = number(least, most)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError("Expected a whole number.");
    return value;
  };

export function addCapacity(program: Command): void {
  program
    .command("capacity")
    .description(
      "Plan a fleet: how many brokers, collectors and ClickHouse machines, how much disk and network.",
    )
    .requiredOption("--agents <n>", "hosts with an agent", integer(1, 10_000_000))
    .requiredOption("--events-per-agent <n>", "events a second of one agent, on average", number(0.001, 1e6))
    .addOption(
      new Option("--content <kind>", "what the events are")
        .choices(["raw", "nginx", "sshd", "json"])
        .default("nginx"),
    )
    .option("--batch-seconds <s>", "agent.batch.seconds", number(0.01, 60), 1)
    .option("--batch-rows <n>", "agent.batch.rows", integer(1, 100_000), 10_000)
    .option("--direct", "agents ship straight to one collector, without Kafka")
    .option("--broker-replicas <n>", "copies of a batch in Kafka", integer(1, 7), 3)
    .option("--broker-hours <h>", "how long Kafka keeps batches", number(1, 8_760), 24)
    .option("--store-replicas <n>", "copies of an event in ClickHouse", integer(1, 7), 2)
    .option("--retention-days <days>", "how long events are kept", integer(1, 3_650), 30)
    .option("--load <part>", "part of a machine's CPU used at the usual rate", number(0.05, 0.95), 0.3)
    .option("--collector-cores <n>", "cores of a collector machine", integer(1, 512), 8)
    .option("--broker-cores <n>", "cores of a Kafka machine", integer(1, 512), 8)
    .option("--store-cores <n>", "cores of a ClickHouse machine", integer(1, 512), 32)
    .option("--store-disk <tb>", "disk of a ClickHouse machine, in TB", number(0.01, 10_000), 20)
    .option("--network <gbit>", "network of a machine, in Gbit/s", number(0.1, 800), 10)
    .option("--speed <factor>", "speed of a core beside the ones measured", number(0.1, 20), 1)
    .option("--json", "the plan as JSON")
    .addHelpText(
      "after",
      `
Example:
  vedette capacity --agents 50000 --events-per-agent 200 --batch-seconds 30

The figures behind it were measured; docs/guide/capacity.md tells how, and how to measure your own machine.`,
    )
    .action(async (options: Options) => {
      const [{ planFor }, { figures }, { reportOf }] = await Promise.all([
        import("../capacity/model.ts"),
        import("../capacity/figures.ts"),
        import("../capacity/report.ts"),
      ]);
      const { direct, json, ...asked } = options;
      const plan = planFor({ ...asked, transport: direct ? "grpc" : "kafka" }, figures);
      process.stdout.write(json ? `${JSON.stringify(plan, null, 2)}\n` : reportOf(plan, figures));
    });
}
