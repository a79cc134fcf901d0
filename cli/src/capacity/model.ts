import type { Content, Figures } from "./figures.ts";

/** What is asked of a plan. Rates are a second. */
export interface Question {
  readonly agents: number;
  readonly eventsPerAgent: number;
  readonly content: Content;
  /** Age at which an agent seals a batch, in seconds (`agent.batch.seconds`), and its most rows (`agent.batch.rows`). */
  readonly batchSeconds: number;
  readonly batchRows: number;
  readonly transport: "kafka" | "grpc";
  /** Copies of a record in Kafka, and of a row in ClickHouse. */
  readonly brokerReplicas: number;
  readonly storeReplicas: number;
  readonly retentionDays: number;
  /** How long Kafka keeps records, in hours: the longest time that collectors may be away. */
  readonly brokerHours: number;
  /** Part of its CPU that a machine may use at the usual rate. The rest is for peaks, for catching up, for queries. */
  readonly load: number;
  readonly collectorCores: number;
  readonly brokerCores: number;
  readonly storeCores: number;
  /** Disk of a ClickHouse machine, in TB. */
  readonly storeDisk: number;
  /** Network of a machine, in Gbit/s. */
  readonly network: number;
  /** How much faster one core of the machines planned for is than the one measured. */
  readonly speed: number;
}

/** Machines of one kind. `bound` says which of their resources sets the number. */
export interface Tier {
  readonly machines: number;
  readonly bound: "cpu" | "disk" | "network" | "copies" | "inserts";
  /** Cores in use at the usual rate, over all machines. */
  readonly cores: number;
  /** Bytes a second into and out of all machines. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Plan {
  readonly question: Question;
  readonly events: number;
  readonly rawBytes: number;
  readonly batches: { readonly rows: number; readonly perSecond: number; readonly bytes: number };
  readonly agent: {
    /** Part of one core, bytes a second sent, and how long the default spool (512 MiB) holds what is not taken. */
    readonly cores: number;
    readonly bytesOut: number;
    readonly memoryMiB: number;
    readonly spoolHours: number;
  };
  readonly brokers?: Tier & { readonly partitions: number; readonly diskBytes: number };
  readonly collectors: Tier & { readonly processes: number; readonly memoryMiB: number };
  readonly store: Tier & {
    readonly shards: number;
    readonly diskBytes: number;
    readonly insertsPerSecond: number;
  };
  /** How many times the usual rate the collectors reach, and ClickHouse: a backlog shrinks by the difference to one. */
  readonly catchUp: number;
  /** Seconds until an event can be asked for, at the latest, when nothing waits. */
  readonly delaySeconds: number;
  readonly advice: readonly string[];
}

/** Most bytes a second through one partition, so that a consumer catches up on it in time. */
const partitionBytes = 10 * 2 ** 20;
/** How collectors put small batches together: an insert at least this often, and of at most so many rows. */
const insertsEachCollector = 5;
const insertRows = 40_000;
const insertBatches = 256;
/** Inserts a second that one ClickHouse machine merges without falling behind, whatever its cores: a rule of thumb. */
const mostInserts = 50;
/** Part of an insert's replication that a replica pays: it fetches parts, merges them, and does not parse. */
const replicaShare = 0.4;
/** The longest that `agent.batch.seconds` may be. */
const mostBatchSeconds = 60;
const spoolBytes = 512 * 2 ** 20;
const day = 86_400;
const gigabit = 1e9 / 8;

/** Machines, disks and networks for a fleet. Arithmetic on measured figures: no peaks but those that `load` leaves room for. */
export function planFor(question: Question, figures: Figures): Plan {
  const { agents, eventsPerAgent, content, batchSeconds, batchRows, speed } = question;
  const of = figures.content[content];
  const seconds = (microseconds: number): number => microseconds / 1e6 / speed;
  const events = agents * eventsPerAgent;
  const rows = Math.max(1, Math.min(batchRows, eventsPerAgent * batchSeconds));
  const perSecond = events / rows;
  const batchBytes = figures.wireBatch + rows * of.wireEvent;
  const wire = perSecond * batchBytes;

  const agentCores =
    figures.agentAlive / speed +
    (perSecond / agents) * seconds(figures.agentBatch) +
    eventsPerAgent * seconds(of.agentEvent);
  const collectorCores =
    perSecond * seconds(figures.collectorBatch) + events * seconds(figures.collectorEvent);
  // One process works on one core; it hashes, compresses and sends on others, which `load` leaves free.
  const processes = Math.ceil(collectorCores / question.load);
  const inserts = insertsFor(question, perSecond, events, processes);
  const storeOnce = inserts * seconds(figures.storeInsert) + events * seconds(figures.storeEvent);
  const storeCores = storeOnce * (1 + replicaShare * (question.storeReplicas - 1));
  const storedPerDay = events * of.storedEvent * day;

  const brokers =
    question.transport === "kafka" ? brokerTier(question, figures, perSecond, wire, processes) : undefined;
  const storeIn = events * of.lineBytes * 2;
  const collectors = {
    ...tier({
      cpu: collectorCores / question.collectorCores / question.load,
      network: Math.max(wire, storeIn) / (question.network * gigabit * question.load),
      // So that one can be taken away.
      copies: question.transport === "kafka" ? 2 : 1,
    }),
    ...{
      cores: collectorCores,
      bytesIn: wire,
      bytesOut: storeIn,
      processes,
      memoryMiB: figures.collectorMiB,
    },
  };
  const diskBytes = storedPerDay * question.retentionDays * question.storeReplicas;
  const shardsFor = tier({
    cpu: storeCores / question.storeReplicas / question.storeCores / question.load,
    // A fifth of a disk stays free for merges.
    disk: diskBytes / question.storeReplicas / (question.storeDisk * 1e12 * 0.8),
    network: storeIn / (question.network * gigabit * question.load),
    inserts: inserts / mostInserts,
  });
  const store = {
    ...shardsFor,
    machines: shardsFor.machines * question.storeReplicas,
    shards: shardsFor.machines,
    ...{ cores: storeCores, bytesIn: storeIn * question.storeReplicas, bytesOut: 0, diskBytes },
    insertsPerSecond: inserts,
  };
  const agent = {
    cores: agentCores,
    bytesOut: wire / agents,
    memoryMiB: eventsPerAgent * seconds(of.agentEvent) > 0.1 ? figures.agentLoadMiB : figures.agentIdleMiB,
    spoolHours: spoolBytes / (wire / agents) / 3_600,
  };
  const reach = (machines: number, cores: number, used: number): number => (machines * cores) / used;
  const catchUp = Math.min(
    reach(collectors.machines, question.collectorCores, collectorCores),
    reach(store.machines, question.storeCores, storeCores),
  );
  const plan = {
    ...{ question, events, rawBytes: events * of.lineBytes, agent, collectors, store, catchUp },
    batches: { rows, perSecond, bytes: batchBytes },
    ...(brokers ? { brokers } : {}),
    delaySeconds: rows < batchRows ? batchSeconds + 1 : rows / eventsPerAgent + 1,
  };
  return { ...plan, advice: adviceFor(plan, figures) };
}

/** Inserts a second: small batches that wait in a collector share one; with Kafka each batch is one. */
function insertsFor({ transport }: Question, batches: number, events: number, collectors: number): number {
  if (transport === "kafka") return batches;
  return Math.min(
    batches,
    Math.max(collectors * insertsEachCollector, events / insertRows, batches / insertBatches),
  );
}

function brokerTier(
  question: Question,
  figures: Figures,
  perSecond: number,
  wire: number,
  collectors: number,
): NonNullable<Plan["brokers"]> {
  const { brokerReplicas: replicas, network, load, brokerCores, brokerHours, speed } = question;
  // Each copy is written once; the leader also gives the record to each follower and to one consumer.
  const handled = replicas + (replicas - 1) + 1;
  const cores = (handled * (perSecond * figures.brokerBatch + wire * figures.brokerByte)) / 1e6 / speed;
  const [bytesIn, bytesOut] = [wire * replicas, wire * replicas];
  // Two for each collector, so that the work of one that is gone is shared by several.
  const partitions = Math.max(Math.ceil(wire / partitionBytes), 2 * collectors, 3);
  const size = tier({
    cpu: cores / brokerCores / load,
    network: bytesOut / (network * gigabit * load),
    copies: replicas,
  });
  return { ...size, cores, bytesIn, bytesOut, partitions, diskBytes: wire * replicas * brokerHours * 3_600 };
}

/** The resource that asks for the most machines, and how many these are. */
function tier(wants: Partial<Record<Tier["bound"], number>>): Pick<Tier, "machines" | "bound"> {
  const entries = Object.entries(wants) as [Tier["bound"], number][];
  const [bound, most] = entries.reduce((worst, each) => (each[1] > worst[1] ? each : worst));
  return { bound, machines: Math.max(1, Math.ceil(most - 1e-9)) };
}

function adviceFor(plan: Omit<Plan, "advice">, figures: Figures): string[] {
  const { question, batches, store, collectors } = plan;
  const said: string[] = [];
  const perBatch =
    figures.collectorBatch + figures.storeInsert * (store.insertsPerSecond / batches.perSecond);
  const perEvent = figures.storeEvent + figures.collectorEvent;
  const shareAt = (rows: number): number => perBatch / (perBatch + perEvent * rows);
  const most = Math.min(question.batchRows, question.eventsPerAgent * mostBatchSeconds);
  const rows = Math.min(most, Math.ceil((4 * perBatch) / perEvent));
  if (shareAt(batches.rows) > 0.2 && rows > batches.rows * 1.05) {
    const seconds = Math.ceil(rows / question.eventsPerAgent);
    said.push(
      `${percent(shareAt(batches.rows))} of the work is by the batch, since batches have ${whole(batches.rows)} events. With agent.batch.seconds: ${seconds} it is ${percent(shareAt(rows))}; events are then seen so much later.`,
    );
  }
  if (store.bound === "inserts")
    said.push(
      `ClickHouse needs so many machines for ${whole(batches.perSecond)} inserts a second, not for its CPU: make batches larger.`,
    );
  if (plan.catchUp < 3)
    said.push(
      `After a pause the backlog is worked off at ${plan.catchUp.toFixed(1)} times the usual rate. Plan with a lower --load for more.`,
    );
  if (question.transport === "grpc" && collectors.machines > 1)
    said.push("Several collectors without Kafka count rules with history each for itself; use Kafka.");
  if (plan.agent.spoolHours < 1)
    said.push(
      `The default spool of an agent is full after ${Math.round(plan.agent.spoolHours * 60)} minutes without a collector; raise agent.spool.maxBytes.`,
    );
  return said;
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
