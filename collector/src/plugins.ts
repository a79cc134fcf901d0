import { geoip } from "@vedette/plugins/geoip";
import { sshd } from "@vedette/plugins/sshd";
import { web } from "@vedette/plugins/web";
import { type AnyPlugin, buildRegistry } from "@vedette/sdk";

/** The plugins a collector runs. To add one: install its folder and add a line here. */
export const plugins = [geoip, sshd, web] satisfies readonly AnyPlugin[];

buildRegistry(plugins);
