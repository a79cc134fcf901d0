import type { AgentStatus } from "@vedette/agent";

const duration = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1_440)} days`;
};

/** The first lines of `vedette top`: who it is, how it is, and what is not well. */
export function agentHead(status: AgentStatus): string[] {
  const { agentId, version, uptimeSeconds, cpuSeconds, rssBytes, health, inputs, stats } = status;
  const cpu = uptimeSeconds > 0 ? (cpuSeconds / uptimeSeconds) * 100 : 0;
  return [
    `agent ${agentId}  ${version}  up ${duration(uptimeSeconds)}  ${stats.connected ? "connected" : "NOT CONNECTED"}`,
    `cpu ${cpu.toFixed(1)} % on average  memory ${Math.round(rssBytes / 2 ** 20)} MiB  ${health.status}: ${health.message}`,
    ...inputs
      .filter((input) => input.health.status !== "healthy")
      .map((input) => `  input ${input.name}: ${input.health.status}: ${input.health.message}`),
  ];
}
