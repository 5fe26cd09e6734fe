import type ssh2 from 'ssh2';

/**
 * How much a host may send on a channel before it is read. ssh2 has 2 MiB for every channel and no option for less, which
 * is much memory where many logs come faster than they are read. So a channel that is followed has a window of its own:
 * ssh2 is told that its window never shrinks, and what was read is given back here. (ssh2 1.17: lib/client.js, lib/Channel.js.)
 */
export interface ChannelWindow {
  /** So many bytes were read: the host may send as many more. */
  readonly giveBack: (bytes: number) => void;
  /** The rest is not read but thrown away: the host need not wait any more. */
  readonly open: () => void;
}

interface ClientInternals {
  readonly _protocol: {
    session: (channel: number, windowBytes: number, maxPacket: number) => void;
    channelWindowAdjust: (channel: number, bytes: number) => void;
  };
}

interface ChannelInternals {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number; readonly state: string };
}

/** What the rest of a script's output may be, once nobody reads it. */
const OPEN_BYTES = 1024 * 1024 * 1024;

/** Opens a channel (`start` asks for it at once) whose window is as large as is wanted. */
export function openWithWindow(client: ssh2.Client, windowBytes: number, start: () => void): void {
  const { _protocol: protocol } = client as unknown as ClientInternals;
  const { session } = protocol;
  protocol.session = (channel, _, maxPacket) => {
    session.call(protocol, channel, windowBytes, maxPacket);
  };
  try {
    start();
  } finally {
    protocol.session = session;
  }
}

/** To be called when the channel is open, before anything comes. */
export function manageWindow(
  client: ssh2.Client,
  channel: ssh2.ClientChannel,
  windowBytes: number,
): ChannelWindow {
  const { _protocol: protocol } = client as unknown as ClientInternals;
  const { incoming, outgoing } = channel as unknown as ChannelInternals;
  incoming.window = Infinity;
  let read = 0;
  let isOpen = false;
  const adjust = (bytes: number): void => {
    if (outgoing.state !== 'closed') protocol.channelWindowAdjust(outgoing.id, bytes);
  };
  return {
    giveBack(bytes) {
      read += bytes;
      if (isOpen || read < windowBytes / 4) return;
      adjust(read);
      read = 0;
    },
    open() {
      if (!isOpen) adjust(OPEN_BYTES); // twice could be more than a window can be
      isOpen = true;
    },
  };
}
