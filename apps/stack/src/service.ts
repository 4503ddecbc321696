import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Report } from './report.ts';

export interface ServiceSpec {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  logFile: string;
  /** Resolves to true once the process answers in its own protocol. */
  answers: () => Promise<boolean>;
  /** How long it may take to stop after SIGTERM before it is killed, milliseconds. */
  graceMs?: number;
}

const SETPRIV = '/usr/bin/setpriv';
const READY_MS = 60_000;
const PROBE_MS = 25;
const MAX_BACKOFF_MS = 5_000;
/** A process that ran this long has started well: the back-off begins anew. */
const STEADY_MS = 10_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One child process, in a process group of its own (Ctrl-C does not reach it), that dies with its launcher. */
export class Service {
  readonly spec: ServiceSpec;
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(spec: ServiceSpec) {
    this.spec = spec;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  /** Resolves when it answers. Rejects as soon as it has died, with the end of its log. */
  async start(): Promise<void> {
    this.stopping = false;
    this.spawn();
    const deadline = performance.now() + READY_MS;
    while (!(await this.spec.answers().catch(() => false))) {
      if (!this.running) throw new Error(`${this.spec.name} ended while it started:\n${this.logTail()}`);
      if (performance.now() > deadline) throw new Error(`${this.spec.name} does not answer:\n${this.logTail()}`);
      await pause(PROBE_MS);
    }
  }

  /** From now on, starts it again whenever it ends, with back-off, and says so. */
  async supervise(report: Report): Promise<void> {
    for (let failures = 0; ;) {
      const since = performance.now();
      await this.exited;
      if (this.stopping) return;
      failures = performance.now() - since > STEADY_MS ? 1 : failures + 1;
      const backoff = Math.min(100 * 2 ** (failures - 1), MAX_BACKOFF_MS);
      report(`  ! ${this.spec.name} ended; starting it again in ${backoff} ms`);
      await pause(backoff);
      if (this.stopping) return;
      await this.start().then(
        () => report(`  ✔ ${this.spec.name} is back`),
        (error: unknown) => report(`  ! ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }

  /** For fault tests: the process gets the signal as if from outside. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.exited;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (!this.running) return;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), this.spec.graceMs ?? 10_000);
    await this.exited;
    clearTimeout(timer);
  }

  private spawn(): void {
    const { command, args, cwd, env, logFile } = this.spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const tied = existsSync(SETPRIV);
    const program = tied ? SETPRIV : command;
    const rest = tied ? ['--pdeathsig', 'KILL', '--', command, ...args] : args;
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child = child;
    this.exited = new Promise((resolve) => {
      const ended = (): void => {
        if (this.child === child) this.child = undefined;
        resolve();
      };
      child.on('exit', ended);
      child.on('error', ended);
    });
  }

  private logTail(): string {
    if (!existsSync(this.spec.logFile)) return '';
    return readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  }
}
