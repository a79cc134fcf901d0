import { definePlugin } from "@vedette/sdk";
import { carrier } from "../../plugins/carrier/index.ts";

/** Does all that the carrier does; in tests, in a thread of its own. */
export const apart = definePlugin({
  ...carrier,
  id: "apart",
  name: "Apart",
  widgets: [],
  page: undefined as never,
});
