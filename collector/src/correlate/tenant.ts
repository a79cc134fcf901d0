import { defaultTenant } from "@vedette/sdk";

/** What sets the keys of a tenant apart from those of others; empty for the default tenant, which events without one are of. */
export const tenantMark = (tenant: unknown): string =>
  typeof tenant !== "string" || tenant === "" || tenant === defaultTenant.id ? "" : `\0${tenant}`;
