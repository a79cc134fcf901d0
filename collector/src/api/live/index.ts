export { TailBus, type TailListener } from "./tail-bus.ts";
export { tailStream } from "./tail-stream.ts";
