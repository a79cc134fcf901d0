import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { input } from "./input.ts";

/** Records of Apache Kafka. */
export const kafka = definePlugin({
  id: "kafka",
  name: "Apache Kafka",
  version: "1.0.0",
  description: "Reads topics of Apache Kafka as a member of a consumer group.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Reads the records of Kafka topics, alone or sharing them with other agents." },
    de: { description: "Liest die Datensätze von Kafka-Themen, allein oder mit anderen Agenten geteilt." },
  },
  guarantees:
    "An offset is committed only when it and all before it are in the spool. One agent takes a record once; when partitions move between agents a record may be taken by both, with one id.",
  input,
});
