/** Where the sockets are. */

/** Beside the control socket: commands are taken there, and only there. */
export function adminSocketPath(controlSocket: string): string {
  return `${controlSocket.replace(/\.sock$/, '')}.admin.sock`;
}
