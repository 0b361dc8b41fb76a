export class WritError extends Error {}

export interface WorldOptions {
  /** The path of a world file, or its text. */
  file?: string;
  /** The world to copy, or its name; "main" is the server's own state. */
  copyOf?: World | string;
}

export interface ClientConfiguration {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  [setting: string]: unknown;
}

export class Server {
  constructor(endpoint: string);
  readonly endpoint: string;
  static connect(): Promise<Server>;
  static start(binary?: string): Promise<Server>;
  world(options?: WorldOptions): Promise<World>;
  stop(): void;
}

export class World {
  readonly server: Server;
  readonly name: string;
  readonly endpoint: string;
  client(principal: string, settings?: Record<string, unknown>): Promise<ClientConfiguration>;
  can(principal: string, action: string, resource?: string, context?: Record<string, string | string[]>): Promise<boolean>;
  advance(duration: string): Promise<unknown>;
  moveClock(move: { set?: string; advance?: string; freeze?: boolean; run?: boolean }): Promise<unknown>;
  denials(): Promise<Array<Record<string, unknown>>>;
  explanation(): Promise<string>;
  delete(): Promise<unknown>;
}

export function withWorld(body: (world: World, ...rest: any[]) => unknown): (...rest: any[]) => Promise<void>;
export function withWorld(options: WorldOptions, body: (world: World, ...rest: any[]) => unknown): (...rest: any[]) => Promise<void>;
