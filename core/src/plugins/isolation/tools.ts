/** Programs that hold what a confinement asks for. */
export const tools = {
  setpriv: "/usr/bin/setpriv",
  unshare: "/usr/bin/unshare",
  mount: "/usr/bin/mount",
  chroot: "/usr/sbin/chroot",
  nsenter: "/usr/bin/nsenter",
  ip: "/sbin/ip",
} as const;
