/** What can be called without any plugin of a folder. */
export const builtinActions = ["http.request", "blocklist/ban", "nftables/ban"] as const;
