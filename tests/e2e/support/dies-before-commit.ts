/**
 * A collector that dies, as by SIGKILL, in the moment in which it would commit offsets: everything up to there is stored, and
 * Kafka does not know. Its argument is a vedette.yaml.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { startCollector } from "@vedette/collector";
import { collectorConfig } from "@vedette/collector/config";
import { type Kafka, kafkaConnection, openKafka } from "@vedette/core/kafka";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { parse } from "yaml";

const [, , file = "", after = "1"] = process.argv;
const config = collectorConfig.parse((parse(readFileSync(file, "utf8")) as { collector: unknown }).collector);
const deps = {
  log: createLogger({ name: "dies-before-commit", level: "info" }),
  clock: systemClock,
  signal: new AbortController().signal,
  baseDir: dirname(file),
  version: "test",
};
let commits = Number(after);

const dyingKafka = async (): Promise<Kafka> => {
  const { brokers, client } = config.ingest.kafka ?? {};
  const kafka = await openKafka(kafkaConnection.parse({ brokers, client }), deps);
  return {
    ...kafka,
    consumer: async (options) => {
      const consumer = await kafka.consumer(options);
      return {
        run: (topics, handlers, signal) => consumer.run(topics, handlers, signal),
        close: () => consumer.close(),
        get connected() {
          return consumer.connected;
        },
        commit: async (offsets) => {
          if (--commits === 0) process.kill(process.pid, "SIGKILL");
          await consumer.commit(offsets);
        },
      };
    },
  };
};

await startCollector(config, { ...deps, openKafka: dyingKafka });
