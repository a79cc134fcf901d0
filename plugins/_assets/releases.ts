const part = "[A-Za-z0-9_.-]{1,100}";
const addresses = [
  new RegExp(`^https?://(?:www\\.)?github\\.com/(${part})/(${part}?)(?:\\.git)?(?:[/?#].*)?$`, "i"),
  new RegExp(`^https?://api\\.github\\.com/repos/(${part})/(${part})(?:[/?#].*)?$`, "i"),
  new RegExp(`^(?:github[:/])?(${part})/(${part}?)(?:\\.git)?$`, "i"),
];

/** The repository of GitHub that a program's `releaseUrl` means, as `owner/name`; undefined where it means none. */
export function repositoryOf(releaseUrl: string): string | undefined {
  for (const address of addresses) {
    const [, owner, name] = address.exec(releaseUrl.trim()) ?? [];
    if (owner && name && !/^\.+$/.test(owner) && !/^\.+$/.test(name)) return `${owner}/${name}`.toLowerCase();
  }
  return undefined;
}
