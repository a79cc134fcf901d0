/** Only addresses of the web become links; `javascript:` and the like stay text. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);
