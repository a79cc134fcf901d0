import { messageOf } from "@vedette/sdk";
import type { Confinement, Isolation } from "../isolation/index.ts";
import type { SocketPluginsConfig } from "./config.ts";
import type { Executable } from "./executables.ts";
import { openOwnWorkDir, removeStaleLock, type WorkDir, writePluginConfig } from "./work-dir.ts";

interface Place {
  readonly dir: WorkDir;
  readonly confinement: Confinement | undefined;
}

/**
 * Where programs work. Without isolation all share one folder, and each may read what the others are told. With it each has a
 * folder of its own, in which it finds an engine's socket and the settings that it may read; plugins that run by themselves have
 * the shared one, with theirs alone.
 */
export class Places {
  readonly shared: WorkDir;
  readonly programs: readonly Executable[];
  readonly #own = new Map<string, Place>();

  /** Writes what the plugins read. Throws `config.invalid` where a socket's path would be too long. */
  constructor(
    shared: WorkDir,
    found: readonly Executable[],
    { settings, order }: SocketPluginsConfig,
    isolation: Isolation | undefined,
  ) {
    this.shared = shared;
    if (!isolation) {
      this.programs = found;
      removeStaleLock(shared, true);
      writePluginConfig(shared, settings, order);
      return;
    }
    this.programs = found.map((program) => {
      if (program.problem !== undefined) return program;
      try {
        const confinement = isolation.of(`socket/${program.name}`, program.name);
        const dir = openOwnWorkDir(confinement, shared.run);
        removeStaleLock(dir, true);
        writePluginConfig(dir, only(settings, [program.name, ...confinement.rule.settings]), order);
        this.#own.set(program.name, { dir, confinement });
        return program;
      } catch (error) {
        return { ...program, problem: `It cannot be kept apart: ${messageOf(error)}` };
      }
    });
    const programs = new Set(found.map(({ name }) => name));
    removeStaleLock(shared, true);
    writePluginConfig(
      shared,
      only(
        settings,
        Object.keys(settings).filter((name) => !programs.has(name)),
      ),
      order,
    );
  }

  get all(): readonly WorkDir[] {
    return [this.shared, ...[...this.#own.values()].map(({ dir }) => dir)];
  }

  of(program: string): Place {
    return this.#own.get(program) ?? { dir: this.shared, confinement: undefined };
  }
}

const only = (
  settings: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
