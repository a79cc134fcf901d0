import { geoip } from "@vedette/plugins/geoip";
import { linuxAuth } from "@vedette/plugins/linux-auth";
import { web } from "@vedette/plugins/web";
import { type AnyPlugin, buildRegistry } from "@vedette/sdk";

/** The plugins a collector runs. To add one: install its folder and add a line here. */
export const plugins = [geoip, linuxAuth, web] satisfies readonly AnyPlugin[];

buildRegistry(plugins);
