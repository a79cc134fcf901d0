/** What can be called without any plugin. */
export const builtinActions = ["http.request"] as const;
