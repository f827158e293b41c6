import WebSocket from 'ws';

export interface SocketHandlers {
  onOpen(): void;
  onText(text: string): void;
  /** A ping or pong of the other side: the line lives although nothing is said. */
  onLife(): void;
  /** Once; nothing comes after it. */
  onClose(reason: string): void;
}

export interface VenueSocket {
  send(text: string): void;
  ping(): void;
  close(): void;
}

/** Opens a socket; calls no handler before it has returned. Scripted in tests. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => VenueSocket;

const FRAME_BYTES_MAX = 4 * 1024 * 1024;
/**
 * A socket with a backlog is read up to two megabytes at a stretch, while an order's fill on another
 * one waits. After so long the others get their turn.
 */
const TURN_MS = 1;

/** The real thing. Pings of the server are answered by the library, with their payload. */
export const openSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url, {
    maxPayload: FRAME_BYTES_MAX,
    handshakeTimeout: 10_000,
    perMessageDeflate: false,
  });
  let isClosed = false;
  const closed = (reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    handlers.onClose(reason);
  };
  let turnFromMs = Number.NaN;
  const endTurn = (): void => {
    turnFromMs = Number.NaN;
    if (socket.isPaused) socket.resume();
  };
  socket.on('open', () => handlers.onOpen());
  socket.on('message', (data) => {
    if (isClosed) return;
    handlers.onText(data.toString());
    const nowMs = performance.now();
    if (Number.isNaN(turnFromMs)) {
      turnFromMs = nowMs;
      setImmediate(endTurn);
    } else if (nowMs - turnFromMs > TURN_MS && !socket.isPaused) socket.pause();
  });
  socket.on('ping', () => handlers.onLife());
  socket.on('pong', () => handlers.onLife());
  socket.on('error', (error) => closed(error.message));
  socket.on('close', (code) => closed(`closed with ${code}`));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close: () => {
      closed('closed by us');
      socket.terminate();
    },
  };
};
