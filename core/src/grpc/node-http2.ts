/** Node's own HTTP/2. It takes 14 ms and 7 MB to be loaded, which an agent that only ships can do without. */
export const http2 = (): typeof import("node:http2") => process.getBuiltinModule("node:http2");
