import { geoip } from "@vedette/plugins/geoip";
import type { AnyPlugin } from "@vedette/sdk";

/** The plugins a collector runs. To add one: install its folder and add a line here. */
export const plugins = [geoip] satisfies readonly AnyPlugin[];
