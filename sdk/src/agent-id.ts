/** What an agent may call itself. */
export const agentIdForm = /^[\w.:@-]{1,200}$/;

const prefix = "urn:vedette:agent:";

/** The name of kind URI that makes a certificate one of this agent. */
export const agentUri = (agentId: string): string => prefix + agentId;

/** The agent of such a name; undefined where it is another one. */
export function agentOfUri(uri: string): string | undefined {
  const agentId = uri.startsWith(prefix) ? uri.slice(prefix.length) : "";
  return agentIdForm.test(agentId) ? agentId : undefined;
}
