import { isDatabaseCode, isRemoteCallCode } from './library-packages.ts';

/**
 * What a thread does, read off its stack: `idle` waits for its next task, `queue` for an element, `accept` for a
 * connection, `select` for events; `read` … `process` are in the operating system, where a thread that the JVM calls
 * RUNNABLE waits; `lock` waits for somebody, `await` for something; `run` computes; `none` has no stack.
 */
export type Doing =
  | 'idle'
  | 'queue'
  | 'accept'
  | 'select'
  | 'read'
  | 'write'
  | 'connect'
  | 'resolve'
  | 'file'
  | 'process'
  | 'sleep'
  | 'lock'
  | 'await'
  | 'run'
  | 'none';

/** By the method whose frame is met first from the top, as far as the application's own code. */
const SIGN_METHODS = {
  idle: [
    'java.util.concurrent.ThreadPoolExecutor.getTask',
    'org.apache.tomcat.util.threads.ThreadPoolExecutor.getTask',
    'java.util.concurrent.ForkJoinPool.awaitWork',
    'java.util.TimerThread.mainLoop',
    'java.lang.ref.ReferenceQueue.remove',
    'java.lang.ref.Reference.waitForReferencePendingList',
    'java.lang.ref.Reference$ReferenceHandler.run',
    'org.eclipse.jetty.util.thread.QueuedThreadPool.idleJobPoll',
    'org.eclipse.jetty.util.thread.QueuedThreadPool$Runner.idleJobPoll',
    'org.eclipse.jetty.util.thread.ReservedThreadExecutor$ReservedThread.reservedWait',
    'org.jboss.threads.EnhancedQueueExecutor$ThreadBody.run',
    'weblogic.work.ExecuteThread.waitForRequest',
    'io.netty.util.concurrent.SingleThreadEventExecutor.takeTask',
    'sun.nio.fs.LinuxWatchService.poll',
  ],
  queue: [
    'LinkedBlockingQueue',
    'ArrayBlockingQueue',
    'LinkedBlockingDeque',
    'SynchronousQueue',
    'PriorityBlockingQueue',
    'DelayQueue',
    'LinkedTransferQueue',
  ].flatMap((queue) =>
    ['take', 'poll', 'takeFirst', 'pollFirst'].map((method) => `java.util.concurrent.${queue}.${method}`),
  ),
  accept: [
    'sun.nio.ch.Net.accept',
    'sun.nio.ch.ServerSocketChannelImpl.accept',
    'sun.nio.ch.ServerSocketChannelImpl.accept0',
    'sun.nio.ch.NioSocketImpl.accept',
    'java.net.PlainSocketImpl.socketAccept',
    'java.net.ServerSocket.accept',
    'org.apache.tomcat.jni.Socket.accept',
  ],
  select: [
    'sun.nio.ch.EPoll.wait',
    'sun.nio.ch.EPollArrayWrapper.epollWait',
    'sun.nio.ch.EPollPort$EventHandlerTask.poll',
    'sun.nio.ch.KQueue.poll',
    'sun.nio.ch.WEPoll.wait',
    'sun.nio.ch.SelectorImpl.select',
    'sun.nio.ch.SelectorImpl.lockAndDoSelect',
    'org.apache.tomcat.jni.Poll.poll',
    'io.netty.channel.epoll.Native.epollWait',
    'io.netty.channel.epoll.Native.epollWait0',
  ],
  read: [
    'java.net.SocketInputStream.socketRead0',
    'java.net.SocketInputStream.read',
    'java.net.Socket$SocketInputStream.read',
    'java.net.PlainDatagramSocketImpl.receive0',
    'sun.nio.ch.SocketDispatcher.read0',
    'sun.nio.ch.SocketDispatcher.read',
    'sun.nio.ch.NioSocketImpl.timedRead',
    'sun.nio.ch.NioSocketImpl.implRead',
    'sun.nio.ch.NioSocketImpl.read',
    'sun.nio.ch.SocketChannelImpl.read',
    'sun.nio.ch.DatagramChannelImpl.receive',
    'org.apache.tomcat.jni.Socket.recv',
    'org.apache.tomcat.jni.Socket.recvbb',
  ],
  write: [
    'java.net.SocketOutputStream.socketWrite0',
    'sun.nio.ch.SocketDispatcher.write0',
    'sun.nio.ch.SocketDispatcher.write',
    'sun.nio.ch.NioSocketImpl.implWrite',
    'sun.nio.ch.NioSocketImpl.write',
    'sun.nio.ch.SocketChannelImpl.write',
    'org.apache.tomcat.jni.Socket.send',
    'org.apache.tomcat.jni.Socket.sendbb',
  ],
  connect: [
    'java.net.PlainSocketImpl.socketConnect',
    'sun.nio.ch.Net.connect0',
    'sun.nio.ch.Net.connect',
    'sun.nio.ch.Net.pollConnect',
    'sun.nio.ch.NioSocketImpl.timedFinishConnect',
    'sun.nio.ch.NioSocketImpl.connect',
    'sun.nio.ch.SocketChannelImpl.connect',
  ],
  resolve: [
    'java.net.Inet4AddressImpl.lookupAllHostAddr',
    'java.net.Inet6AddressImpl.lookupAllHostAddr',
    'java.net.Inet4AddressImpl.getHostByAddr',
    'java.net.Inet6AddressImpl.getHostByAddr',
  ],
  file: [
    'java.io.FileInputStream.readBytes',
    'java.io.FileInputStream.read0',
    'java.io.FileOutputStream.writeBytes',
    'java.io.RandomAccessFile.readBytes',
    'java.io.RandomAccessFile.writeBytes',
    'java.io.UnixFileSystem.getBooleanAttributes0',
    'java.io.UnixFileSystem.list',
    'sun.nio.ch.FileDispatcherImpl.force0',
    'sun.nio.ch.FileChannelImpl.read',
    'sun.nio.ch.FileChannelImpl.write',
  ],
  process: [
    'java.lang.UNIXProcess.waitForProcessExit',
    'java.lang.UNIXProcess.waitFor',
    'java.lang.ProcessHandleImpl.waitForProcessExit0',
    'java.lang.ProcessImpl.waitFor',
  ],
  sleep: [
    'java.lang.Thread.sleep',
    'java.lang.Thread.sleep0',
    'java.lang.Thread.sleepNanos',
    'java.lang.Thread.sleepNanos0',
  ],
} as const satisfies Partial<Record<Doing, readonly string[]>>;
const SIGNS: ReadonlyMap<string, Doing> = new Map(
  (
    [
      'idle',
      'queue',
      'accept',
      'select',
      'read',
      'write',
      'connect',
      'resolve',
      'file',
      'process',
      'sleep',
    ] as const
  ).flatMap((doing) => SIGN_METHODS[doing].map((method): readonly [string, Doing] => [method, doing])),
);
export const signOf = (method: string): Doing | undefined => SIGNS.get(method);

/** In one of these a thread works on a request. */
const REQUEST_FRAMES: ReadonlySet<string> = new Set([
  'org.apache.catalina.connector.CoyoteAdapter.service',
  'org.apache.catalina.core.StandardWrapperValve.invoke',
  'org.eclipse.jetty.server.Server.handle',
  'org.eclipse.jetty.server.HttpChannel.handle',
  'io.undertow.server.Connectors.executeRootHandler',
  'weblogic.servlet.internal.WebAppServletContext.execute',
  'com.ibm.ws.webcontainer.WebContainer.handleRequest',
  'javax.servlet.http.HttpServlet.service',
  'jakarta.servlet.http.HttpServlet.service',
  'org.springframework.web.servlet.DispatcherServlet.doDispatch',
  'org.springframework.web.servlet.DispatcherServlet.doService',
]);
export const isRequestFrame = (method: string): boolean => REQUEST_FRAMES.has(method);

/** A worker reads the first line of a request that has not come: the connection is kept open, nothing is worked on. */
const KEPT_OPEN: ReadonlySet<string> = new Set([
  'org.apache.coyote.http11.InternalInputBuffer.parseRequestLine',
  'org.apache.coyote.http11.InternalAprInputBuffer.parseRequestLine',
  'org.apache.coyote.http11.Http11InputBuffer.parseRequestLine',
  'org.apache.coyote.ajp.AjpProcessor.readMessage',
  'org.apache.coyote.ajp.AbstractAjpProcessor.readMessage',
]);
export const isKeptOpenFrame = (method: string): boolean => KEPT_OPEN.has(method);

/** What a waiting thread wants, or what it stands in; the first sign from the top of the stack tells. */
export type Matter =
  | 'db-pool'
  | 'http-pool'
  | 'object-pool'
  | 'logging'
  | 'class-loading'
  | 'class-init'
  | 'connection-limit'
  | 'database'
  | 'remote-call';

const MATTERS: readonly (readonly [RegExp, Matter])[] = [
  [/^com\.zaxxer\.hikari\.pool\.HikariPool\.getConnection$/, 'db-pool'],
  [/^org\.apache\.(commons|tomcat\.dbcp)\.dbcp2?\..*\.getConnection$/, 'db-pool'],
  [/^org\.apache\.tomcat\.jdbc\.pool\.ConnectionPool\.borrowConnection$/, 'db-pool'],
  [
    /^com\.mchange\.v2\.(resourcepool\.BasicResourcePool\.(awaitAvailable|prelimCheckoutResource)|c3p0\.)/,
    'db-pool',
  ],
  [/^com\.alibaba\.druid\.pool\.DruidDataSource\.(takeLast|pollLast|getConnection)/, 'db-pool'],
  [/^org\.jboss\.jca\.core\.connectionmanager\.pool\./, 'db-pool'],
  [/^oracle\.ucp\./, 'db-pool'],
  [/^com\.jolbox\.bonecp\..*\.getConnection/, 'db-pool'],
  [/^redis\.clients\..*Pool\.getResource$/, 'object-pool'],
  [
    /^org\.apache\.(http|hc)\..*(getPoolEntryBlocking|leaseConnection|PoolingHttpClientConnectionManager)/,
    'http-pool',
  ],
  [/^org\.apache\.commons\.httpclient\.MultiThreadedHttpConnectionManager\./, 'http-pool'],
  [/^org\.apache\.tomcat\.util\.threads\.LimitLatch\.countUpOrAwait$/, 'connection-limit'],
  [
    /^(org\.apache\.log4j\.|ch\.qos\.logback\.|org\.apache\.logging\.log4j\.core\.|java\.util\.logging\.)/,
    'logging',
  ],
  [/^(java\.io\.PrintStream\.(println|print|write)|java\.lang\.Throwable\.printStackTrace)$/, 'logging'],
  [
    /^(java\.lang\.ClassLoader\.loadClass|org\.apache\.catalina\.loader\.WebappClassLoaderBase\.loadClass)$/,
    'class-loading',
  ],
  [/^jdk\.internal\.loader\..*\.loadClass(OrNull)?$/, 'class-loading'],
];
const COMMONS_POOL = /^org\.apache\.(commons|tomcat\.dbcp)\.pool2?\.impl\.[A-Za-z]+\.borrowObject$/;

/** Of one frame; an object pool's own frame says nothing before it is known who asked it. */
export function matterOf(method: string): Matter | undefined {
  const found = MATTERS.find(([pattern]) => pattern.test(method));
  if (found !== undefined) return found[1];
  if (isDatabaseCode(method)) return 'database';
  return isRemoteCallCode(method) ? 'remote-call' : undefined;
}
export const isObjectPoolFrame = (method: string): boolean => COMMONS_POOL.test(method);
