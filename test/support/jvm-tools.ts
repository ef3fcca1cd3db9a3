import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TOMCAT_HOME = '/usr/share/tomcat10';
const MANAGER = '/usr/share/tomcat10-admin/manager';

/** Why real JVMs cannot be tried on this machine; `false` where they can. */
export function noJdk(): string | false {
  for (const tool of ['java', 'jstat', 'jcmd'])
    if (spawnSync('which', [tool]).status !== 0) return `${tool} is not installed (a JDK is needed)`;
  return false;
}
/** The same of a real Tomcat. */
export function noRealJvm(): string | false {
  const missing = noJdk();
  if (missing !== false) return missing;
  for (const folder of [TOMCAT_HOME, MANAGER])
    if (!existsSync(folder)) return `${folder} is not there (tomcat10 and tomcat10-admin are needed)`;
  return false;
}

/** `jstat -gc`, one line, by its headers; columns the collector has not are left out. */
export async function jstatOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await run('jstat', ['-gc', `${pid}`], { env: { ...process.env, LC_ALL: 'C' } });
  const [heads = '', values = ''] = stdout.trim().split('\n');
  const columns = values.trim().split(/\s+/);
  return new Map(
    heads
      .trim()
      .split(/\s+/)
      .map((head, index): readonly [string, number] => [head, Number(columns[index] ?? Number.NaN)])
      .filter(([, value]) => Number.isFinite(value)),
  );
}
export async function collectNow(pid: number): Promise<void> {
  await run('jcmd', [`${pid}`, 'GC.run']);
}

/** A port nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Status of a GET; `undefined` where nobody answers. */
function statusOf(port: number, where: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: where, timeout: 10_000 }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
      answer.once('error', () => resolve(undefined));
    })
      .once('error', () => resolve(undefined))
      .end();
  });
}

/** A real Tomcat 10 with a page that allocates and the manager application, in a folder of its own. */
export class RealTomcat {
  readonly base: string;
  readonly options: readonly string[];
  port = 0;
  #child: ChildProcess | undefined = undefined;

  constructor(options: readonly string[]) {
    this.options = options;
    this.base = mkdtempSync(path.join(tmpdir(), 'l9s-tomcat-'));
  }
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('Tomcat does not run');
    return pid;
  }
  async start(): Promise<void> {
    if (this.port === 0) await this.#install();
    this.#child = spawn(
      'java',
      [
        ...this.options,
        `-Dcatalina.base=${this.base}`,
        `-Dcatalina.home=${TOMCAT_HOME}`,
        `-Djava.io.tmpdir=${this.base}/temp`,
        '-classpath',
        `${TOMCAT_HOME}/bin/bootstrap.jar:${TOMCAT_HOME}/bin/tomcat-juli.jar`,
        'org.apache.catalina.startup.Bootstrap',
        'start',
      ],
      { stdio: 'ignore', cwd: this.base },
    );
    for (let tries = 0; tries < 600; tries++) {
      if ((await statusOf(this.port, '/load.jsp?rounds=1')) === 200) return;
      if (this.#child.exitCode !== null) throw new Error(`Tomcat ended with ${this.#child.exitCode}`);
      await pause(100);
    }
    throw new Error('Tomcat did not start');
  }
  /** Serves so many requests, each of which allocates 100 KiB so many times and keeps a little. */
  async load(requests: number, rounds: number): Promise<void> {
    for (let count = 0; count < requests; count++) await statusOf(this.port, `/load.jsp?rounds=${rounds}`);
  }
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.base, { recursive: true, force: true });
  }
  async #install(): Promise<void> {
    this.port = await freePort();
    for (const folder of ['conf/Catalina/localhost', 'logs', 'temp', 'work', 'webapps/ROOT'])
      mkdirSync(path.join(this.base, folder), { recursive: true });
    const write = (file: string, content: string) => writeFileSync(path.join(this.base, file), content);
    write(
      'conf/server.xml',
      `<Server port="-1"><Service name="Catalina">
         <Connector port="${this.port}" address="127.0.0.1" protocol="HTTP/1.1" maxThreads="20"/>
         <Engine name="Catalina" defaultHost="localhost">
           <Realm className="org.apache.catalina.realm.MemoryRealm"/>
           <Host name="localhost" appBase="webapps"/>
         </Engine></Service></Server>`,
    );
    write(
      'conf/web.xml',
      `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
         <servlet><servlet-name>jsp</servlet-name>
           <servlet-class>org.apache.jasper.servlet.JspServlet</servlet-class></servlet>
         <servlet-mapping><servlet-name>jsp</servlet-name><url-pattern>*.jsp</url-pattern></servlet-mapping>
       </web-app>`,
    );
    write(
      'conf/tomcat-users.xml',
      `<tomcat-users><user username="agent" password="agent-word" roles="manager-jmx,manager-status"/></tomcat-users>`,
    );
    write('conf/Catalina/localhost/manager.xml', `<Context docBase="${MANAGER}" privileged="true"/>`);
    write(
      'webapps/ROOT/load.jsp',
      `<%@ page session="false" %><%!
         static final java.util.ArrayDeque<byte[]> KEPT = new java.util.ArrayDeque<>();
       %><%
         int rounds = Integer.parseInt(request.getParameter("rounds"));
         for (int i = 0; i < rounds; i++) {
           byte[] bytes = new byte[102400];
           if (i % 20 == 0) synchronized (KEPT) { KEPT.add(bytes); if (KEPT.size() > 200) KEPT.poll(); }
         }
       %>ok`,
    );
  }
}
