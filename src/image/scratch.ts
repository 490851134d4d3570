// What an engine puts into a container, and what maintainer scripts leave behind that nobody reads again or that says when it was
// made. The same kinds as mmdebstrap and debuerreotype remove; docs/image.md lists them.
const SCRATCH: readonly RegExp[] = [
  /^\.dockerenv$/,
  /^(?:dev|proc|sys|run|tmp|var\/tmp)\/./,
  /^etc\/(?:hostname|hosts|resolv\.conf|mtab)$/,
  /^(?:usr\/)?s?bin\/docker-init$/,
  /^etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^etc\/\.pwd\.lock$/,
  /^var\/lib\/dpkg\/(?:[^/]+-old|lock|lock-frontend|triggers\/Lock)$/,
  /^var\/lib\/apt\/(?:lists|periodic)\/./,
  /^var\/lib\/dbus\/machine-id$/,
  /^var\/lib\/texmf\/web2c\/.*\.log$/,
  /^var\/lib\/systemd\/(?:random-seed|credential\.secret)$/,
  /^var\/cache\/(?:apt|man)\/./,
  /^var\/cache\/ldconfig\/aux-cache$/,
  /^var\/cache\/debconf\/[^/]+-old$/,
  /^var\/log\/(?:apt\/.|alternatives\.log$|dpkg\.log$|bootstrap\.log$|fontconfig\.log$)/,
];

/** Whether a path holds nothing that belongs to an image. */
export function isScratch(path: string): boolean {
  return SCRATCH.some((pattern) => pattern.test(path));
}
